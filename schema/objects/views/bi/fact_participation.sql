create view bi.fact_participation with (security_invoker = true) as
select
    participation.participation_id,
    participation.event_id,
    event.date_key,
    event.hazard_id,
    participation.organization_id,
    participation.region_id,
    participation.role,
    participation.executive_present,
    participation.participant_count,
    1 as participation_count
from warehouse.participation
left join warehouse.event using (event_id);

comment on view bi.fact_participation is 'One row an organization''s part in an event.';
comment on column bi.fact_participation.participation_id is 'Key.';
comment on column bi.fact_participation.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_participation.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_participation.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_participation.organization_id is 'Joins dim_organization.';
comment on column bi.fact_participation.region_id is 'Its region at the time; joins dim_region.';
comment on column bi.fact_participation.role is
    'player, controller, evaluator, observer, sponsor or responder.';
comment on column bi.fact_participation.executive_present is 'An executive took part.';
comment on column bi.fact_participation.participant_count is 'People who took part, to sum.';
comment on column bi.fact_participation.participation_count is '1 a part, to sum.';
