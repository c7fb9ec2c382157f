-- Ids of sponsors that are not in the warehouse.
-- reads: merging, ref_organization
select o.key, min(m.source_row), count(*)
from merging m
join ref_organization o on o.ref = m.detail -> 'exercise' ->> 'sponsor'
where o.organization_id is null and o.how = 'id'
group by 1
order by 2 limit 100
