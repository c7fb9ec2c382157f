-- Other labels of capabilities.
-- reads: warehouse.capability_alias
select normalized_label, framework_code, capability_id
from warehouse.capability_alias
order by 1, 2
