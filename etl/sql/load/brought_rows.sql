-- Rows of one record type that this file brings.
-- reads: {stage}
select s.source_row, s.source_id, s.row_content::jsonb
from {stage} s
where s.weight > 0
