-- Deletes the history of changed actions, which is stored again.
-- reads: rebuilt_action
-- writes: warehouse.action_status_history
delete from warehouse.action_status_history c using rebuilt_action m
where c.corrective_action_id = m.id
