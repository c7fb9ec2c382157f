-- Deletes reports, and marks their actions as touched.
-- reads: touched_action, {found}
-- writes: touched_action, warehouse.corrective_action_source
with gone as (
    delete from warehouse.corrective_action_source s using {found} f
    where s.corrective_action_source_id = f.corrective_action_source_id
    returning s.corrective_action_id)
insert into touched_action
select distinct corrective_action_id
from gone g
where not exists (
    select
    from touched_action t
    where t.id = g.corrective_action_id)
