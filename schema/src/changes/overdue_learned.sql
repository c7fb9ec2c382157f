-- Open actions that were overdue before the period, and not known to be.
-- `offset 0`: see closed.sql.
select s.corrective_action_id, s.due_on + 1 as day, null::date as due_before, s.due_on, s.batch_id,
    s.file_id, s.source_row
from {steps} s
left join lateral {earlier} earlier on true
where s.status not in {closed} and s.due_on < $1 - 1
    and (earlier.status is null or earlier.status in {closed} or earlier.due_on is null
        or earlier.due_on >= $1 - 1)
    and not exists (
    select
    from warehouse.action_status_history o
    where o.corrective_action_id = s.corrective_action_id and o.changed_on <= $2
        and (o.changed_on, o.sequence) > (s.changed_on, s.sequence)
    offset 0)
