-- Names of organizations, for suggestions.
-- reads: warehouse.organization
select name, min(organization_id)
from warehouse.organization
where organization_id > 0
group by name limit 100000
