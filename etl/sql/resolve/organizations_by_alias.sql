-- Resolves organizations by an alias that only one has, where the document states no region.
-- reads: warehouse.organization_alias
-- writes: ref_organization
update ref_organization r
set organization_id = a.organization_id
from (
    select normalized_name, min(organization_id) as organization_id
    from warehouse.organization_alias
    group by normalized_name
    having count(distinct organization_id) = 1) a
where r.organization_id is null and r.how = 'name' and r.region_id = -1 and
    a.normalized_name = r.key
