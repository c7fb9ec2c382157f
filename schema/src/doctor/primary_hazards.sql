-- Reads: warehouse.event_hazard, warehouse.event.
-- Counts: the events with hazards of which not exactly one is primary, or not the one of the event.
select count(*) as broken
from (
    select
    from warehouse.event_hazard h
    join warehouse.event e using (event_id)
    group by e.event_id, e.hazard_id
    having count(*) filter (where h.is_primary) <> 1
        or min(h.hazard_id) filter (where h.is_primary) <> e.hazard_id
) as wrong
