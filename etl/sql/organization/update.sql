-- Stores changes of organizations.
-- reads: merging_organization
-- writes: warehouse.organization
-- binds: batch, file
update warehouse.organization o
set name = m.name, normalized_name = m.normalized_name, region_id = m.region_id, discipline_id
    = m.discipline_id, municipality_id = m.municipality_id, staffed_beds = m.staffed_beds,
    active = m.active, batch_id = $1, file_id = $2, source_row = m.source_row, content_hash =
    m.content_hash
from merging_organization m
where not m.is_new and o.organization_id = m.organization_id
