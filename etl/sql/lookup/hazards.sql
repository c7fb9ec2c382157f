-- Codes of hazards.
-- reads: warehouse.hazard
select code, hazard_id
from warehouse.hazard
