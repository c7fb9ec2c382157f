-- Regions of the scheme in use.
-- reads: warehouse.region, warehouse.region_scheme
select r.code, r.name, r.short_name, r.region_id
from warehouse.region r
join warehouse.region_scheme c using (region_scheme_id)
where c.code = meta.region_scheme() and r.region_id > 0
order by r.region_id
