-- Regions of events.
select r.event_id, r.region_id
from warehouse.event_region r
where {r.event_id}
