-- Counties.
-- reads: warehouse.county
select fips, county_id, state_code, name
from warehouse.county
where county_id > 0
