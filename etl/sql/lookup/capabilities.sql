-- Capabilities with their frameworks.
-- reads: warehouse.capability, warehouse.capability_framework
select c.capability_id, c.code, c.name, f.code
from warehouse.capability c
join warehouse.capability_framework f using (capability_framework_id)
where c.capability_id > 0
order by f.capability_framework_id, c.sort_order
