-- Gives an id to claims about new events.
-- writes: source_claim
update source_claim
set event_id = nextval('warehouse.event_event_id_seq'), matched_by = 'NEW'
where event_id is null
