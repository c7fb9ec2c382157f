-- Reads: warehouse.event_region.
-- Counts: the events whose shares of regions do not sum to 1.
select count(*) as broken
from (
    select
    from warehouse.event_region
    group by event_id
    having abs(sum(allocation_weight) - 1) > 1e-6
) as wrong
