-- Requests of sent trackers, with the capability of the action and the day of the first answer.
select t.tracker_request_id, t.organization_id, t.region_id, coalesce(a.capability_id, -1),
    t.asked_on, t.due_on, t.answered_on, false
from warehouse.tracker_request t
left join warehouse.corrective_action a using (corrective_action_id)
where {t.tracker_request_id}
