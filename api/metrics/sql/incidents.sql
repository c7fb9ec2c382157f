-- Incidents with what they cost.
select i.event_id, coalesce(i.deaths_direct, 0) + coalesce(i.deaths_indirect, 0),
    coalesce(i.injuries_direct, 0) + coalesce(i.injuries_indirect, 0),
    coalesce(i.damage_property_usd, 0), i.response
from warehouse.incident i
where {i.event_id}
