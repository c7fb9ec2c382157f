-- Stores the rejects of duplicates, after everything else.
-- reads: duplicate_reject
-- writes: meta.reject
insert into meta.reject (file_id, batch_id, row_number, record_type, code, value,
        reason, row_content)
select *
from duplicate_reject
order by row_number
