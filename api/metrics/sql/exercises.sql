-- Exercises.
select x.event_id
from warehouse.exercise x
where {x.event_id}
