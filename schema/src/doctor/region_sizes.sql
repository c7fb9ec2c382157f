-- Reads: warehouse.region, warehouse.municipality_region.
-- Returns: the regions whose number of municipalities differs from the published one.
select r.code, count(mr.municipality_id) as found, r.published_municipalities as published
from warehouse.region r
left join warehouse.municipality_region mr on mr.region_id = r.region_id
    and mr.valid_to is null
where r.published_municipalities is not null
group by r.region_id
having count(mr.municipality_id) <> r.published_municipalities
order by r.code
