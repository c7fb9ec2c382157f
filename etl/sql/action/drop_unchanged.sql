-- Drops rebuilt actions that have not changed.
-- reads: warehouse.corrective_action
-- writes: rebuilt_action
delete from rebuilt_action m using warehouse.corrective_action a
where a.corrective_action_id = m.id and a.content_hash = m.content_hash
