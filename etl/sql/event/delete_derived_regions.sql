-- Deletes the regions of events whose counties changed. A statewide event has all regions.
-- reads: merging_county, warehouse.event
-- writes: warehouse.event_region
delete from warehouse.event_region r using merging_county m, warehouse.event e
where r.event_id = m.event_id and e.event_id = m.event_id and not e.statewide and m.county_id
    is not null and not m.is_known
