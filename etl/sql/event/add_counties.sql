-- Stores counties that have rows of their own.
-- reads: merging_county
-- writes: warehouse.event_county
insert into warehouse.event_county (event_id, county_id)
select distinct event_id, county_id
from merging_county
where county_id is not null and not is_known
order by 1, 2
