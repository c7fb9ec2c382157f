-- Gives mentioned organizations the id that this file lists.
-- reads: adopted_organization
-- writes: warehouse.organization
-- binds: source
update warehouse.organization o
set source = $1, source_id = a.source_id, content_hash = null
from adopted_organization a
where o.organization_id = a.organization_id
