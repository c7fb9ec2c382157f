-- Findings whose actions have new steps.
select a.finding_id
from warehouse.action_status_history t
join warehouse.corrective_action a using (corrective_action_id)
where {new}
