-- Regions by share of the residents of all.
-- reads: warehouse.municipality, warehouse.municipality_region, warehouse.region,
--     warehouse.region_scheme
select region_id, sum(population_2020)::float8 / sum(sum(population_2020)) over ()
from warehouse.municipality
join warehouse.municipality_region using (municipality_id)
join warehouse.region using (region_id)
join warehouse.region_scheme c using (region_scheme_id)
where c.code = meta.region_scheme() and municipality_region.valid_to is null
group by region_id having sum(population_2020) > 0
order by region_id
