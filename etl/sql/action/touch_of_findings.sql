-- Marks actions of this source as touched if their finding was loaded after them.
-- reads: merging_finding, touched_action, warehouse.corrective_action,
--     warehouse.corrective_action_source
-- writes: touched_action
-- binds: source
insert into touched_action
select distinct a.corrective_action_id
from merging_finding f
join warehouse.corrective_action a on a.event_id = f.event_id and a.finding_id is null
join warehouse.corrective_action_source s on s.corrective_action_id = a.corrective_action_id
where s.source = $1 and s.report ->> 'finding_source_id' = f.source_id and not exists (
    select
    from touched_action t
    where t.id = a.corrective_action_id)
