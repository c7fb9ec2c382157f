-- Types of exercises.
select x.event_id, x.exercise_type_id
from warehouse.exercise x
where {x.event_id}
