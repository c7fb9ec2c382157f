-- Stores new actions.
-- reads: warehouse.corrective_action, {states}
-- writes: warehouse.corrective_action
insert into warehouse.corrective_action (corrective_action_id, event_id, finding_id, region_id,
    region_from_event, capability_id, owner_organization_id, external_id, issue, text, priority,
    status, opened_on, start_on, due_original_on, due_current_on, due_precision, due_text,
    completed_on, cancelled_on, validated_on, validated_event_id, sensitivity, source, source_id,
    batch_id, file_id, source_row, content_hash)
select s.*
from {states} s
where not exists (
    select
    from warehouse.corrective_action a
    where a.corrective_action_id = s.id)
order by s.id
