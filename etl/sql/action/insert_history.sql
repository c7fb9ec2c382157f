-- Stores the history of actions.
-- reads: rebuilt_action, rebuilt_step
-- writes: warehouse.action_status_history
insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, change,
    status, due_on, batch_id, file_id, source_row)
select s.*
from rebuilt_step s
join rebuilt_action m on m.id = s.corrective_action_id
order by 1, 2, 3
