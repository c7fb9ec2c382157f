-- Rebuilt actions, in the order of the columns in which they are written.
-- creates: rebuilt_action
create temp table rebuilt_action (id bigint, content_hash bytea, event_id bigint, region_id int,
    capability_id int, owner_id bigint, finding_source text, finding_source_id text,
    validated_event_id bigint, external_id text, issue text, text text, priority text,
    due_precision text, due_text text, sensitivity text, elements int[], start_on date,
    opened_on date, due_original_on date, due_current_on date, status text, completed_on date,
    cancelled_on date, validated_on date, source text, source_id text, batch_id int, file_id int,
    source_row bigint)
