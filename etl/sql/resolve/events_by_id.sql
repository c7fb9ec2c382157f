-- Resolves events by an id that only one event has.
-- reads: meta.file, ref_event, warehouse.event, warehouse.event_source
-- writes: ref_event
-- binds: sources, layouts
update ref_event r
set event_id = e.event_id
from (
    select k.key, min(e.event_id) as event_id
    from (
        select distinct key
        from ref_event
        where how = 'id' and event_id is null) k
    cross join (
        select unnest($1::text[])
        union
        select distinct source
        from meta.file
        where source like $2) as s(source)
    join lateral (
        select event_id
        from warehouse.event
        where source = s.source and source_id = k.key
        union
        select event_id
        from warehouse.event_source
        where source = s.source and source_id = k.key) e on true
    group by k.key
    having count(distinct e.event_id) = 1) e
where r.event_id is null and r.how = 'id' and e.key = r.key
