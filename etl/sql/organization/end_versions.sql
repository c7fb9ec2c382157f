-- Ends the version that a changed organization had.
-- reads: merging_organization
-- writes: warehouse.organization_version
update warehouse.organization_version v
set valid_to = greatest(coalesce(m.valid_from, current_date), v.valid_from)
from merging_organization m
where m.is_version and not m.is_new and v.organization_id = m.organization_id and v.valid_to
    is null
