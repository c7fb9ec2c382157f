-- Corrective actions with the dates that decide their status on a day. An action completed without
-- a date counts from the day of the report.
select a.corrective_action_id, a.event_id, a.owner_organization_id, a.region_id, a.opened_on,
    a.due_original_on, a.due_current_on,
    coalesce(a.completed_on, case when a.status in ('COMPLETED', 'VALIDATED') then (
        select max(h.changed_on)
        from warehouse.action_status_history h
        where h.corrective_action_id = a.corrective_action_id and h.change = 'COMPLETED'
    ) end),
    a.cancelled_on, a.validated_on, a.capability_id, date '0001-01-01', null::date, false,
    a.sensitivity = 'PUBLIC'
from warehouse.corrective_action a
where {a.corrective_action_id}
