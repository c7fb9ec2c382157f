-- Assigns reports to the event that they named, and marks their actions as touched.
-- reads: {found}
-- writes: touched_action, warehouse.corrective_action, warehouse.corrective_action_source
with adopted as (
    update warehouse.corrective_action_source s
    set report = s.report || jsonb_build_object('event_id', f.event_id)
    from {found} f
    where s.corrective_action_source_id = f.corrective_action_source_id
    returning s.corrective_action_id, f.event_id),
named as (
    update warehouse.corrective_action a
    set event_id = n.event_id
    from adopted n
    where a.corrective_action_id = n.corrective_action_id and a.event_id is null)
insert into touched_action
select distinct corrective_action_id
from adopted
