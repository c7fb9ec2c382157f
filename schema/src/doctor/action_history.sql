-- Reads: warehouse.corrective_action, warehouse.action_status_history.
-- Counts: the actions without a history.
select count(*) as broken
from warehouse.corrective_action a
where not exists (
    select
    from warehouse.action_status_history h
    where h.corrective_action_id = a.corrective_action_id
)
