create view bi.fact_milestone with (security_invoker = true) as
select
    milestone.milestone_id,
    milestone.event_id,
    event.date_key,
    event.hazard_id,
    coalesce(milestone.organization_id, -1) as organization_id,
    milestone_type.code as milestone,
    milestone_type.sort_order as milestone_order,
    milestone.occurred_at,
    milestone.time_precision,
    case
        when milestone.time_precision <> 'day'
            then extract(epoch from milestone.occurred_at - event.start_at)::double precision / 60
    end as minutes_since_start
from warehouse.milestone
left join warehouse.event using (event_id)
left join warehouse.milestone_type using (milestone_type_id);

comment on view bi.fact_milestone is 'One row a time stamp of an event.';
comment on column bi.fact_milestone.milestone_id is 'Key.';
comment on column bi.fact_milestone.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_milestone.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_milestone.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_milestone.organization_id is
    'Organization it is about, -1 the coalition; joins dim_organization.';
comment on column bi.fact_milestone.milestone is 'What happened, e.g. activated.';
comment on column bi.fact_milestone.milestone_order is 'Expected order.';
comment on column bi.fact_milestone.occurred_at is 'When.';
comment on column bi.fact_milestone.time_precision is 'minute, hour or day.';
comment on column bi.fact_milestone.minutes_since_start is
    'Minutes since the event began; empty when known to the day only. Use the metric response_time for '
    'events that are not over.';
