-- Digests of the municipalities before the merge.
-- reads: warehouse.municipality, warehouse.municipality_region, warehouse.region,
--     warehouse.region_scheme
-- fills: known_municipality
select m.geoid, md5(row(m.*, r.code, mr.basis)::text) as digest
from warehouse.municipality m
join warehouse.municipality_region mr using (municipality_id)
join warehouse.region r using (region_id)
join warehouse.region_scheme c using (region_scheme_id)
where c.code = meta.region_scheme()
