-- Counts split claims.
-- reads: source_claim
select count(*)
from source_claim
where split_from is not null
