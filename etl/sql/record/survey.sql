-- Counts repeated ids up to one, rows, and each missing reference.
-- reads: {resolved}, {stage}
select array[(select count(*)
    from (select
        from {stage}
        group by source_id
        having count(*) > 1
        limit 1) as repeated), coalesce(sum(weight), 0)::bigint{missed}]
from {resolved} f
