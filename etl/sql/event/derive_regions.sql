-- Derives the regions of an event from its counties, by share of residents.
-- reads: merging_county, warehouse.event, warehouse.event_county, warehouse.municipality,
--     warehouse.municipality_region, warehouse.region, warehouse.region_scheme
-- writes: warehouse.event_region
insert into warehouse.event_region (event_id, region_id, allocation_weight) with touched as (
        select distinct m.event_id
    from merging_county m
    join warehouse.event e using (event_id)
    where not e.statewide and m.county_id is not null and not m.is_known), share as (select
        county_id, region_id, sum(population_2020)::float8 / sum(sum(population_2020)) over (
            partition by county_id) as part
    from warehouse.municipality
    join warehouse.municipality_region using (municipality_id)
    join warehouse.region using (region_id)
    join warehouse.region_scheme c using (region_scheme_id)
    where c.code = meta.region_scheme() and municipality_region.valid_to is null
    group by county_id, region_id having sum(population_2020) > 0)
select event_id, region_id, sum(part) / sum(sum(part)) over (partition by event_id)
from touched
join warehouse.event_county using (event_id)
join share using (county_id)
group by event_id, region_id
