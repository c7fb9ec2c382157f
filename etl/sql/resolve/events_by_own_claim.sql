-- Resolves events by id in the claims of the same source.
-- reads: warehouse.event_source
-- writes: ref_event
-- binds: source
update ref_event r
set event_id = e.event_id
from warehouse.event_source e
where r.how = 'id' and e.source = $1 and e.source_id = r.key
