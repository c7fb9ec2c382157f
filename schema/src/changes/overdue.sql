-- Open actions that became overdue in the period: on the day after their due date.
-- `offset 0`: see closed.sql.
select s.corrective_action_id, s.due_on + 1 as day, null::date as due_before, s.due_on, s.batch_id,
    s.file_id, s.source_row
from warehouse.action_status_history s
where s.due_on >= $1 - 1 and s.due_on < $2 and s.changed_on <= $2 and s.status not in {closed}
    and not exists (
    select
    from warehouse.action_status_history o
    where o.corrective_action_id = s.corrective_action_id and o.changed_on <= $2
        and (o.changed_on, o.sequence) > (s.changed_on, s.sequence)
    offset 0)
