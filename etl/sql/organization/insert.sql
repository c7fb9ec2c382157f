-- Stores new organizations.
-- reads: merging_organization
-- writes: warehouse.organization
-- binds: source, batch, file
insert into warehouse.organization (organization_id, source, source_id, name, normalized_name,
        region_id, discipline_id, municipality_id, staffed_beds, active, batch_id, file_id,
        source_row, content_hash)
select organization_id, $1, source_id, name, normalized_name, region_id, discipline_id,
    municipality_id, staffed_beds, active, $2, $3, source_row, content_hash
from merging_organization
where is_new
order by organization_id
