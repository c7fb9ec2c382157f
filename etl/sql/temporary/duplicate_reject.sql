-- Rejects of duplicates, until they are stored.
-- creates: duplicate_reject
create temp table duplicate_reject (file_id int, batch_id int, row_number bigint,
    record_type text, code text, value text, reason text, row_content jsonb)
