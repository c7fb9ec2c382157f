-- Incidents with what they cost; empty where nothing is reported.
select i.event_id,
    coalesce(i.deaths_direct + i.deaths_indirect, i.deaths_direct, i.deaths_indirect),
    coalesce(i.injuries_direct + i.injuries_indirect, i.injuries_direct, i.injuries_indirect),
    i.damage_property_usd, i.response
from warehouse.incident i
where {i.event_id}
