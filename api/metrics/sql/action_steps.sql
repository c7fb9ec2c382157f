-- Steps of actions with a moved due date or a reopening, in order. Status: 1 completed, 2 canceled,
-- 0 open, null unchanged.
select h.corrective_action_id, h.changed_on,
    case
        when h.change = 'DUE_DATE' then null
        when h.status in ('COMPLETED', 'VALIDATED') then 1
        when h.status = 'CANCELLED' then 2
        else 0
    end,
    h.due_on
from warehouse.action_status_history h
where {h.corrective_action_id} and h.corrective_action_id in (
        select c.corrective_action_id
        from warehouse.action_status_history c
        where {c.corrective_action_id} and c.change in ('DUE_DATE', 'REOPENED'))
order by h.corrective_action_id, h.changed_on, h.sequence
