-- Stores the rows that the reader rejected.
-- reads: stage_reject
-- writes: meta.reject
-- binds: batch, file
insert into meta.reject (file_id, batch_id, row_number, record_type, code, column_name,
        value, reason, row_content)
select $2, $1, source_row, record_type, code, column_name, value, reason, content
from stage_reject
order by source_row
