-- Rejects records whose id another record already has, each with its reason. Returns the number of rejected rows, and
-- which they are.
-- writes: {stage}, duplicate_reject
-- binds: file, batch, record, code, ids, reasons
with gone as (
    delete from {stage} s using unnest($5::text[], $6::text[]) as r (source_id, reason)
    where s.source_id = r.source_id
    returning s.weight, s.source_id, s.source_row, s.row_content::jsonb as content, r.reason),
rejected as (
    insert into duplicate_reject (file_id, batch_id, row_number, record_type, code, value,
        reason, row_content)
    select $1, $2, g.source_row, $3, $4, left(g.source_id, 200), g.reason, g.content
    from gone g
    cross join generate_series(1, g.weight)
    order by g.source_row)
select coalesce(sum(weight), 0)::bigint,
    coalesce(array_agg(source_row) filter (where weight > 0), '{}')
from gone
