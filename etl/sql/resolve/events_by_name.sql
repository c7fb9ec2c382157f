-- Resolves events by name alone, as the latest exercise, planned event or incident with a response.
-- reads: ref_event, warehouse.event, warehouse.incident
-- writes: ref_event
-- binds: source
update ref_event r
set event_id = e.event_id
from (
    select distinct on (k.key) k.key, e.event_id
    from (
        select distinct key
        from ref_event
        where how = 'name' and held_on is null) k
    join (
        select e.*
        from warehouse.event e
        left join warehouse.incident i using (event_id)
        where e.kind <> 'INCIDENT' or i.response <> 'NONE') e on
        meta.normalized_label(e.name) = k.key
    order by k.key, e.source <> $1, e.local_date desc, e.source, e.source_id) e
where r.event_id is null and r.how = 'name' and r.held_on is null and e.key = r.key
