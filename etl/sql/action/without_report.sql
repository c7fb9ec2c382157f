-- Touched actions that no report states.
-- reads: touched_action, warehouse.corrective_action, warehouse.corrective_action_source
select a.corrective_action_id
from warehouse.corrective_action a
where exists (
    select
    from touched_action t
    where a.corrective_action_id = t.id) and not exists (
    select
    from warehouse.corrective_action_source s
    where s.corrective_action_id = a.corrective_action_id and s.report -> 'withdrawn' is null)
