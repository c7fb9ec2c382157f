-- Stores the counties of events.
-- reads: merging
-- writes: warehouse.event_county
insert into warehouse.event_county (event_id, county_id)
select distinct m.event_id, c.county_id
from merging m
cross join lateral unnest(m.counties) as c(county_id)
order by 1
on conflict do nothing
