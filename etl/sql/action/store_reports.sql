-- Stores reports.
-- reads: ref_event, report_corrective_action
-- writes: warehouse.corrective_action_source
-- binds: source, batch, file
insert into warehouse.corrective_action_source (source, source_id, corrective_action_id, matched_by,
    similarity, reported_on, report, batch_id, file_id, source_row, content_hash)
select $1, f.source_id, f.id, f.matched_by, f.similarity, f.reported_on,
    jsonb_strip_nulls(jsonb_build_object('event_ref', f.event_ref, 'event_id', f.event_id,
        'region_id', nullif(f.region_id, -1), 'capability_id', nullif(f.capability_id, -1),
        'owner_id', f.organization_id, 'finding_source_id', f.finding_source_id,
        'external_id', f.external_id, 'issue', f.issue, 'text', f.text, 'priority', f.priority,
        'status', f.status, 'opened_on', f.opened_on, 'start_on', f.start_on, 'due_on', f.due_on,
        'due_original_on', f.due_original_on, 'due_changed_on', f.due_changed_on,
        'due_precision', f.due_precision, 'due_text', f.due_text, 'completed_on', f.completed_on,
        'cancelled_on', f.cancelled_on, 'validated_on', f.validated_on, 'validated_event_id', (
            select v.event_id
            from ref_event v
            where v.ref = f.validated_event_ref), 'sensitivity', f.sensitivity,
        'elements', nullif(f.elements, '{}'))), $2, $3, f.source_row, f.content_hash
from report_corrective_action f
