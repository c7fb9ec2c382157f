-- Responses of the coalition to incidents.
select i.event_id, i.response
from warehouse.incident i
where {i.event_id}
