-- Resolves organizations by the name of one without a region.
-- reads: warehouse.organization
-- writes: ref_organization
update ref_organization r
set organization_id = o.organization_id
from warehouse.organization o
where r.organization_id is null and r.how = 'name' and r.key <> '' and o.organization_id > 0 and
    o.normalized_name = r.key and o.region_id = -1
