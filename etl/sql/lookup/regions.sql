-- Regions with their sponsors and the codes from before a merger.
-- reads: warehouse.region, warehouse.region_scheme
select r.code, r.region_id, r.sponsor, r.predecessor_codes
from warehouse.region r
join warehouse.region_scheme c using (region_scheme_id)
where c.code = meta.region_scheme()
