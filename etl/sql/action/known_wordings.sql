-- Every text that the actions of the reported events ever had.
-- reads: report_corrective_action, warehouse.corrective_action, warehouse.corrective_action_source
select distinct a.corrective_action_id, a.event_id, a.capability_id, s.report ->> 'text',
    s.report ->> 'issue', a.external_id is not null, nullif(a.owner_organization_id, -1)
from warehouse.corrective_action a
join warehouse.corrective_action_source s using (corrective_action_id)
where a.event_id in (
    select f.event_id
    from report_corrective_action f
    where f.known_id is null) and s.report ->> 'text' <> ''
