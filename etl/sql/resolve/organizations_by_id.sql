-- Resolves organizations by an id that only one source has.
-- reads: warehouse.organization
-- writes: ref_organization
update ref_organization r
set organization_id = o.organization_id
from (
    select source_id, min(organization_id) as organization_id
    from warehouse.organization
    group by source_id
    having count(*) = 1) o
where r.organization_id is null and r.how = 'id' and o.source_id = r.key
