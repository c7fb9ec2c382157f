-- Resolves organizations by alias and region.
-- reads: warehouse.organization_alias
-- writes: ref_organization
update ref_organization r
set organization_id = a.organization_id
from warehouse.organization_alias a
where r.organization_id is null and r.how = 'name' and a.normalized_name = r.key and
    a.region_id = r.region_id
