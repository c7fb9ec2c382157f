-- Counts rebuilt actions, and those already stored.
-- reads: rebuilt_action, warehouse.corrective_action
select count(*), count(a.corrective_action_id)
from rebuilt_action m
left join warehouse.corrective_action a on a.corrective_action_id = m.id
