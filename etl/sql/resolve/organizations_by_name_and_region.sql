-- Resolves organizations by name and region.
-- reads: warehouse.organization
-- writes: ref_organization
update ref_organization r
set organization_id = o.organization_id
from (
    select normalized_name, region_id, min(organization_id) as organization_id
    from warehouse.organization
    where organization_id > 0
    group by normalized_name, region_id) o
where r.organization_id is null and r.how = 'name' and r.key <> '' and o.normalized_name = r.key and
    o.region_id = r.region_id
