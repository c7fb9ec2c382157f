-- Stores the capability elements of findings, in equal shares.
-- reads: merging_finding
-- writes: warehouse.finding_element
insert into warehouse.finding_element (finding_id, element_id, weight)
select f.id, element, 1.0 / count(*) over (partition by f.id)
from merging_finding f
cross join lateral (select distinct unnest(f.elements) as element) as e
order by 1, 2
