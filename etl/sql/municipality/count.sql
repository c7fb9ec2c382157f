-- Counts new, changed and all municipalities of the file.
-- reads: known_municipality, stage, warehouse.municipality, warehouse.municipality_region,
--     warehouse.region, warehouse.region_scheme
select count(*) filter (where k.geoid is null), count(*) filter (where k.digest <> md5(row(m.*,
                r.code, mr.basis)::text)), count(*)
from stage s
join warehouse.municipality m on m.geoid = s.geoid
join warehouse.municipality_region mr using (municipality_id)
join warehouse.region r using (region_id)
join warehouse.region_scheme c using (region_scheme_id)
left join known_municipality k on k.geoid = s.geoid
where c.code = meta.region_scheme()
