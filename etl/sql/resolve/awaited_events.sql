-- References to events in reports of actions that were loaded before their event.
-- reads: warehouse.corrective_action_source
select report ->> 'event_ref' as ref
from warehouse.corrective_action_source
where report ->> 'event_id' is null and report ->> 'event_ref' is not null
