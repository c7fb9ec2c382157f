create view bi.fact_incident with (security_invoker = true) as
select
    incident.event_id,
    event.date_key,
    event.hazard_id,
    incident.response,
    incident.declaration_number,
    incident.activation_ordinal,
    1 as incident_count,
    extract(epoch from event.end_at - event.start_at)::double precision / 3600 as duration_hours,
    coalesce(incident.deaths_direct, 0) + coalesce(incident.deaths_indirect, 0) as deaths,
    incident.deaths_direct,
    incident.deaths_indirect,
    coalesce(incident.injuries_direct, 0) + coalesce(incident.injuries_indirect, 0) as injuries,
    incident.damage_property_usd,
    incident.damage_crops_usd,
    incident.evacuated,
    incident.patients,
    incident.hospitals_involved,
    incident.area_km2
from warehouse.incident
left join warehouse.event using (event_id);

comment on view bi.fact_incident is 'One row an incident.';
comment on column bi.fact_incident.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_incident.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_incident.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_incident.response is 'What the coalition did: NONE, MONITORED or RESPONDED.';
comment on column bi.fact_incident.declaration_number is 'Federal declaration.';
comment on column bi.fact_incident.activation_ordinal is
    'Activation: 0 none, 1 monitoring, 2 partial, 3 full.';
comment on column bi.fact_incident.incident_count is '1 an incident, to sum.';
comment on column bi.fact_incident.duration_hours is 'Hours from start to end, to average.';
comment on column bi.fact_incident.deaths is
    'Deaths, direct and indirect, a missing figure counting 0, to sum.';
comment on column bi.fact_incident.deaths_direct is 'Deaths caused directly, to sum.';
comment on column bi.fact_incident.deaths_indirect is 'Deaths caused indirectly, to sum.';
comment on column bi.fact_incident.injuries is
    'Injuries, direct and indirect, a missing figure counting 0, to sum.';
comment on column bi.fact_incident.damage_property_usd is 'Property damage, US dollars, to sum.';
comment on column bi.fact_incident.damage_crops_usd is 'Crop damage, US dollars, to sum.';
comment on column bi.fact_incident.evacuated is 'People evacuated, to sum.';
comment on column bi.fact_incident.patients is 'Patients cared for, to sum.';
comment on column bi.fact_incident.hospitals_involved is
    'Hospitals involved, to average; a hospital may appear in several incidents.';
comment on column bi.fact_incident.area_km2 is 'Area in square kilometers.';
