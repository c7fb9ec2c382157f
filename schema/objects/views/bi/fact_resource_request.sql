-- requires: functions/meta/time_zone

create view bi.fact_resource_request with (security_invoker = true) as
select
    resource_request_id,
    event_id,
    region_id,
    organization_id,
    (date_part('year', (requested_at at time zone (select meta.time_zone()))) * 10000
        + date_part('month', (requested_at at time zone (select meta.time_zone()))) * 100
        + date_part('day', (requested_at at time zone (select meta.time_zone()))))::integer as date_key,
    kind,
    priority,
    status,
    1 as request_count,
    quantity_requested,
    quantity_filled,
    (quantity_filled >= quantity_requested)::integer as filled_in_full_count,
    extract(epoch from filled_at - requested_at)::double precision / 3600 as hours_to_fill,
    filled_at <= needed_by as on_time
from warehouse.resource_request;

comment on view bi.fact_resource_request is 'One row a line of a resource request.';
comment on column bi.fact_resource_request.resource_request_id is 'Key.';
comment on column bi.fact_resource_request.event_id is 'Joins dim_event.';
comment on column bi.fact_resource_request.region_id is 'Region that made the request; joins dim_region.';
comment on column bi.fact_resource_request.organization_id is
    'Organization that made the request; joins dim_organization.';
comment on column bi.fact_resource_request.date_key is 'Day of the request, in the jurisdiction''s time zone; joins dim_date.';
comment on column bi.fact_resource_request.kind is 'What was requested.';
comment on column bi.fact_resource_request.priority is 'URGENT, ROUTINE or LOW.';
comment on column bi.fact_resource_request.status is 'OPEN, PARTIAL, FILLED or CANCELLED.';
comment on column bi.fact_resource_request.request_count is '1 a request, to sum.';
comment on column bi.fact_resource_request.quantity_requested is
    'Quantity requested, to sum within one kind.';
comment on column bi.fact_resource_request.quantity_filled is 'Quantity filled, to sum within one kind.';
comment on column bi.fact_resource_request.filled_in_full_count is '1 when filled in full, to sum.';
comment on column bi.fact_resource_request.hours_to_fill is
    'Hours from request to filling; empty while unfilled, so a mean leaves out the slowest. Use the '
    'metric resource_fill.';
comment on column bi.fact_resource_request.on_time is
    'Filled by the time needed; empty when unfilled or no time was given.';
