-- Deletes actions.
-- reads: {found}
-- writes: warehouse.corrective_action
delete from warehouse.corrective_action a using {found} f
where a.corrective_action_id = f.corrective_action_id
