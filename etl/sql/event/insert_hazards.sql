-- Stores the hazards, the primary one first of events.
-- reads: merging
-- writes: warehouse.event_hazard
insert into warehouse.event_hazard (event_id, hazard_id, is_primary)
select m.event_id, h.hazard_id, h.place = 1
from merging m
cross join lateral unnest(m.hazards) with ordinality as h(hazard_id, place)
order by 1
