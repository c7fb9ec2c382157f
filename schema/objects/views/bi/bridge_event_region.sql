create view bi.bridge_event_region with (security_invoker = true) as
select
    event_id,
    region_id,
    allocation_weight
from warehouse.event_region;

comment on view bi.bridge_event_region is
    'Regions of each event. Multiply measures of an event by allocation_weight when summing over '
    'regions, so that nothing counts twice.';
comment on column bi.bridge_event_region.event_id is 'Joins dim_event and the facts of events.';
comment on column bi.bridge_event_region.region_id is 'Joins dim_region.';
comment on column bi.bridge_event_region.allocation_weight is
    'Share of the event given to the region, 0 to 1, to sum.';
