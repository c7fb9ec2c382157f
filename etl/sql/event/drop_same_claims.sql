-- Drops claims that are stored already.
-- writes: source_claim
delete from source_claim
where is_known and is_same
