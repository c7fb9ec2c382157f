-- Areas for improvement by element; weights in 1/840, which every share of up to eight elements
-- divides.
select f.finding_id, f.event_id, f.organization_id, f.capability_id, x.code,
    round(k.weight * 840)::int
from warehouse.finding f
join warehouse.finding_element k using (finding_id)
join warehouse.element x using (element_id)
where f.kind = 'AREA_FOR_IMPROVEMENT' and {f.finding_id}
