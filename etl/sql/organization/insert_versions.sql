-- Begins a version for each new or renamed organization.
-- reads: merging_organization
-- writes: warehouse.organization_version
insert into warehouse.organization_version (organization_id, name, region_id, discipline_id,
        valid_from)
select organization_id, name, region_id, discipline_id, coalesce(valid_from, case when is_new
        then date '0001-01-01' else current_date end)
from merging_organization
where is_version
order by organization_id
