-- Events that a source reported, whatever their status.
select e.event_id
from warehouse.event e
where {e.event_id}
