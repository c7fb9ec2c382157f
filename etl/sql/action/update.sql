-- Stores changes of actions.
-- reads: {states}
-- writes: warehouse.corrective_action
update warehouse.corrective_action a
set (event_id, finding_id, region_id, region_from_event, capability_id,
    owner_organization_id, external_id, issue, text, priority, status, opened_on, start_on,
    due_original_on, due_current_on, due_precision, due_text, completed_on, cancelled_on,
    validated_on, validated_event_id, sensitivity, source, source_id, batch_id, file_id,
    source_row, content_hash) = row(
    s.event_id, s.finding_id, s.region_id, s.region_from_event,
    s.capability_id, s.owner_organization_id, s.external_id, s.issue, s.text, s.priority,
    s.status, s.opened_on, s.start_on, s.due_original_on, s.due_current_on, s.due_precision,
    s.due_text, s.completed_on, s.cancelled_on, s.validated_on, s.validated_event_id,
    s.sensitivity, s.source, s.source_id, s.batch_id, s.file_id, s.source_row, s.content_hash)
from {states} s
where a.corrective_action_id = s.id
