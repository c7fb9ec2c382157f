-- Open actions, with what a tracker shows of each.
-- reads: warehouse.capability, warehouse.corrective_action, warehouse.event, warehouse.organization,
--     warehouse.region
select a.source, a.source_id, a.text, a.issue, a.status, a.due_current_on, o.organization_id, o.name,
    r.region_id, r.code, r.name, e.name, case
        when c.capability_id > 0 then c.name end, a.priority, a.opened_on, a.due_original_on
from warehouse.corrective_action a
join warehouse.organization o on o.organization_id = a.owner_organization_id
join warehouse.region r on r.region_id = a.region_id
join warehouse.capability c on c.capability_id = a.capability_id
left join warehouse.event e on e.event_id = a.event_id
where a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED')
order by a.due_current_on nulls last, a.corrective_action_id
