-- Reads: warehouse.municipality_region, warehouse.region.
-- Counts: the pairs of regions of one scheme that a municipality is in at the same time.
select count(*) as broken
from warehouse.municipality_region a
join warehouse.region ra using (region_id)
join warehouse.municipality_region b on b.municipality_id = a.municipality_id
    and b.region_id > a.region_id
join warehouse.region rb on rb.region_id = b.region_id
    and rb.region_scheme_id = ra.region_scheme_id
where a.valid_from <= coalesce(b.valid_to, 'infinity')
    and b.valid_from <= coalesce(a.valid_to, 'infinity')
