-- Resolves organizations by id in the same source.
-- reads: warehouse.organization
-- writes: ref_organization
-- binds: source
update ref_organization r
set organization_id = o.organization_id
from warehouse.organization o
where r.organization_id is null and r.how = 'id' and o.source = $1 and o.source_id = r.key
