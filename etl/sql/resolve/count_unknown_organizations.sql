-- Counts names of organizations that are not in the warehouse.
-- reads: ref_organization
select count(*)
from ref_organization
where how = 'name' and key <> '' and organization_id is null
