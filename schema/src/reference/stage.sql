-- Writes: stage, the rows of a reference file as text.
create temp table stage (row_number bigint, {{columns}}) on commit drop
