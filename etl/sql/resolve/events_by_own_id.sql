-- Resolves events by id in the same source.
-- reads: warehouse.event
-- writes: ref_event
-- binds: source
update ref_event r
set event_id = e.event_id
from warehouse.event e
where r.how = 'id' and e.source = $1 and e.source_id = r.key
