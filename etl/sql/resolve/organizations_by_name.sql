-- Resolves organizations by a name that only one has, where the document states no region.
-- reads: warehouse.organization
-- writes: ref_organization
update ref_organization r
set organization_id = o.organization_id
from (
    select normalized_name, min(organization_id) as organization_id
    from warehouse.organization
    where organization_id > 0
    group by normalized_name
    having count(*) = 1) o
where r.organization_id is null and r.how = 'name' and r.key <> '' and r.region_id = -1 and
    o.normalized_name = r.key
