-- Counts capability elements of findings that are not in the warehouse.
-- reads: merging_finding, warehouse.element
select count(*)
from (
    select distinct unnest(f.elements) as id
    from merging_finding f) s
where not exists (
    select
    from warehouse.element e
    where e.element_id = s.id)
