-- Stores aliases. A former name continues to identify the organization.
-- reads: merging_organization
-- writes: warehouse.organization_alias
insert into warehouse.organization_alias (normalized_name, region_id, organization_id)
select former_name, former_region_id, organization_id
from merging_organization
where not is_new and former_name <> normalized_name and former_name <> ''
union
select unnest(aliases), region_id, organization_id
from merging_organization
on conflict do nothing
