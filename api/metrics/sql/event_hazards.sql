-- Hazards of events in addition to the primary one.
select h.event_id, h.hazard_id
from warehouse.event_hazard h
where {h.event_id} and not h.is_primary
