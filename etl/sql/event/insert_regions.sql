-- Stores the regions with their shares of events.
-- reads: merging
-- writes: warehouse.event_region
insert into warehouse.event_region (event_id, region_id, allocation_weight)
select m.event_id, r.region_id, r.weight
from merging m
cross join lateral unnest(m.regions, m.weights) as r(region_id, weight)
order by 1
on conflict do nothing
