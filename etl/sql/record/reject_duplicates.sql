-- Rejects all but one of the records with the same id, each with the remaining row and the
-- differences. Returns the number of rejected rows, and which they are.
-- reads: {retained}, {stage}
-- writes: {stage}, duplicate_reject
-- binds: file, batch, record, code
with repeated as (
    select source_id
    from {stage}
    group by source_id
    having count(*) > 1),
complete as (
    select distinct f.source_id, f.source_row
    from {retained} f
    join repeated using (source_id)),
ranked as (
    select s.ctid as place, s.source_id, s.source_row, s.content_hash, s.source_version,
        s.row_content::jsonb as content, row_number() over (partition by s.source_id order by
            c.source_row is null, s.source_version desc, s.content_hash desc, s.source_row) as rank
    from {stage} s
    join repeated using (source_id)
    left join complete c on c.source_id = s.source_id and c.source_row = s.source_row),
gone as (
    delete from {stage} s using ranked
    where ranked.rank > 1 and s.ctid = ranked.place
    returning s.weight, s.source_id, s.source_row, s.content_hash, s.source_version,
        s.row_content::jsonb as content),
rejected as (
    insert into duplicate_reject (file_id, batch_id, row_number, record_type, code, value,
        reason, row_content)
    select $1, $2, g.source_row, $3, $4,
        case when g.source_id !~ '^[0-9a-f]{24}' then left(g.source_id, 200) end,
        case when (g.content_hash, g.source_version) = (f.content_hash, f.source_version)
            then format('duplicate of row %s: both say the same, and one of them is read',
                f.source_row)
            else format('duplicate of row %1$s, which is read instead: %2$s%3$s; give each record '
                'an id of its own, or keep one of the rows', f.source_row,
                case when g.source_id ~ '^[0-9a-f]{24}'
                    then 'both say the same of all that tells two records apart'
                    else 'both have this id' end,
                coalesce(', and they differ in ' || (
                    select string_agg(key, ', ' order by key)
                    from jsonb_each_text(g.content)
                    where value is distinct from f.content ->> key), '')) end,
        g.content
    from gone g
    join ranked f on f.source_id = g.source_id and f.rank = 1
    cross join generate_series(1, g.weight)
    order by g.source_row)
select coalesce(sum(weight), 0)::bigint,
    coalesce(array_agg(source_row) filter (where weight > 0), '{}')
from gone
