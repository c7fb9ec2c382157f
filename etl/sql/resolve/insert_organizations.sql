-- Adds unknown organizations under the name in the document, and returns the names.
-- reads: ref_organization
-- writes: warehouse.organization
-- binds: batch, file
insert into warehouse.organization (source, source_id, name, normalized_name, region_id, batch_id,
    file_id)
select distinct on (key, region_id) 'mention', key || '|' || region_id, name, key, region_id, $1, $2
from ref_organization
where how = 'name' and key <> '' and organization_id is null
order by key, region_id, name
on conflict (source, source_id) do nothing
returning name
