-- Events of new actions, and events of the findings that they answer.
select t.event_id
from warehouse.corrective_action t
where {new}
union all
select f.event_id
from warehouse.corrective_action t
join warehouse.finding f using (finding_id)
where {new}
