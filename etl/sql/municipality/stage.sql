-- Municipalities of the file under the name that the reference merge reads.
-- reads: stage_municipality
-- fills: stage
select s.*, s.source_row as row_number
from stage_municipality s
