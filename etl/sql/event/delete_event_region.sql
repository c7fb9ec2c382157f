-- Deletes rows of changed events. Those that other rows of the source added are retained, unless
--     the
-- source stores claims ($1) or the event is statewide.
-- reads: merging
-- writes: warehouse.event_region
-- binds: has_claims
delete from warehouse.event_region c using merging m
where not m.is_new and c.event_id = m.event_id and ($1 or m.weight > 0 or m.statewide)
