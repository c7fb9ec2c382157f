-- Deletes the capability elements of changed actions, which are stored again.
-- reads: rebuilt_action
-- writes: warehouse.corrective_action_element
delete from warehouse.corrective_action_element c using rebuilt_action m
where c.corrective_action_id = m.id
