-- Stores the capability elements of actions, in equal shares.
-- reads: rebuilt_action
-- writes: warehouse.corrective_action_element
insert into warehouse.corrective_action_element (corrective_action_id, element_id, weight)
select m.id, e.element_id, 1.0 / count(*) over (partition by m.id)
from rebuilt_action m
cross join lateral (select distinct unnest(m.elements) as element_id) as e
order by 1, 2
