-- Reads: warehouse.corrective_action, warehouse.action_status_history.
-- Counts: the actions whose status is not the last of their history.
select count(*) as broken
from warehouse.corrective_action a
join lateral (
    select h.status
    from warehouse.action_status_history h
    where h.corrective_action_id = a.corrective_action_id
    order by changed_on desc, sequence desc limit 1
) as last on true
where last.status <> a.status
