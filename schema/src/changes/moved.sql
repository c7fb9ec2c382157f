-- Actions with another due date than before.
-- `offset 0`: see closed.sql.
select s.corrective_action_id, s.changed_on as day, earlier.due_on as due_before, s.due_on,
    s.batch_id, s.file_id, s.source_row
from {steps} s
join lateral {earlier} earlier on true
where s.due_on <> earlier.due_on and not exists (
    select
    from warehouse.action_status_history o
    where o.corrective_action_id = s.corrective_action_id and o.change = 'DUE_DATE'
        and o.changed_on <= $2 and (o.changed_on, o.sequence) > (s.changed_on, s.sequence)
    offset 0)
