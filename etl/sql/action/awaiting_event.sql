-- Reports that named an event before that event was loaded.
-- reads: ref_event, warehouse.corrective_action_source
select s.corrective_action_source_id, r.event_id
from warehouse.corrective_action_source s
join ref_event r on r.ref = s.report ->> 'event_ref'
where r.event_id is not null and s.report ->> 'event_id' is null
