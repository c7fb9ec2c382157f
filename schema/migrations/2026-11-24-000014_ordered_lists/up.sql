-- The newest events and the actions due first, a page at a time, without sorting all of them.
create index event_start_at_event_id_idx on warehouse.event (start_at, event_id);
create index corrective_action_due_current_on_corrective_action_id_idx on warehouse.corrective_action (due_current_on, corrective_action_id);
