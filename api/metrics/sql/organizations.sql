-- Organizations with region and discipline.
select o.organization_id, o.region_id, o.region_id, d.code, o.active
from warehouse.organization o
join warehouse.discipline d using (discipline_id)
where o.organization_id > 0 and {o.organization_id}
