-- Rejects records with an unknown reference. Returns the number of their rows.
-- reads: {resolved}
-- writes: meta.reject
-- binds: file, batch, record, code, column, reason
with gone as materialized (
    select f.*
    from {resolved} f
    where {missing}),
rejected as (
    insert into meta.reject (file_id, batch_id, row_number, record_type, code, column_name,
        value, reason, row_content)
    select $1, $2, f.source_row, $3, $4, $5, {value}, $6, f.row_content::jsonb
    from gone f
    where f.weight > 0
    order by f.source_row)
select coalesce(sum(weight), 0)::bigint
from gone
