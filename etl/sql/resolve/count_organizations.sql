-- Counts references to organizations.
-- reads: ref_organization
select count(*)
from ref_organization
