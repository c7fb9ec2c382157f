-- Resolves events by name and one of their days. A table can state June 14 for an event from June
-- 13 to 15.
-- reads: ref_event, warehouse.event
-- writes: ref_event
-- binds: source
update ref_event r
set event_id = e.event_id
from (
    select distinct on (k.key, k.held_on) k.key, k.held_on, e.event_id
    from (
        select distinct key, held_on
        from ref_event
        where how = 'name' and held_on is not null and event_id is null) k
    join warehouse.event e on e.local_date between k.held_on - 60 and k.held_on and
        coalesce(e.end_local_date, e.local_date) >= k.held_on and
        meta.normalized_label(e.name) = k.key
    order by k.key, k.held_on, e.source <> $1, e.local_date desc, e.source, e.source_id) e
where r.event_id is null and r.how = 'name' and e.key = r.key and e.held_on = r.held_on
