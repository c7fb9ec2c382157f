-- Events of actions with new elements.
select a.event_id
from warehouse.corrective_action_element t
join warehouse.corrective_action a using (corrective_action_id)
where {new}
