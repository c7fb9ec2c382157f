-- Participation of organizations in events, with region and discipline of the organization.
select distinct p.organization_id, p.event_id, o.region_id, o.region_id, d.code, o.active
from warehouse.participation p
join warehouse.organization o using (organization_id)
join warehouse.discipline d using (discipline_id)
where {p.event_id}
