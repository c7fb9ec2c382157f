-- Labels of hazards by scheme, the primary hazard first.
-- reads: warehouse.hazard_alias
select scheme, normalized_label, hazard_id, is_primary
from warehouse.hazard_alias
order by is_primary desc, hazard_id
