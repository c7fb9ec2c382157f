-- Region of each municipality.
-- reads: warehouse.municipality_region, warehouse.region, warehouse.region_scheme
select municipality_id, region_id
from warehouse.municipality_region
join warehouse.region using (region_id)
join warehouse.region_scheme c using (region_scheme_id)
where c.code = meta.region_scheme() and municipality_region.valid_to is null
