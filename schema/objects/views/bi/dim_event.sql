create view bi.dim_event with (security_invoker = true) as
select
    event_id,
    kind,
    name as event,
    date_key,
    start_at,
    end_at,
    local_date,
    status,
    sensitivity,
    statewide,
    owes_aar as owes_after_action_report,
    hazard_id,
    source
from warehouse.event;

comment on view bi.dim_event is
    'Incidents, exercises and planned events; joins bridge_event_region for its regions.';
comment on column bi.dim_event.event_id is 'Key.';
comment on column bi.dim_event.kind is 'INCIDENT, EXERCISE or PLANNED_EVENT.';
comment on column bi.dim_event.event is 'Name.';
comment on column bi.dim_event.date_key is 'Local day it began; joins dim_date.';
comment on column bi.dim_event.start_at is 'When it began.';
comment on column bi.dim_event.end_at is 'When it ended; empty while it lasts.';
comment on column bi.dim_event.local_date is 'Local day it began.';
comment on column bi.dim_event.status is 'PLANNED, HELD or CANCELLED.';
comment on column bi.dim_event.sensitivity is 'PUBLIC or RESTRICTED.';
comment on column bi.dim_event.statewide is 'Concerns the whole state.';
comment on column bi.dim_event.owes_after_action_report is 'An after-action report is due.';
comment on column bi.dim_event.hazard_id is 'Primary hazard; joins dim_hazard.';
comment on column bi.dim_event.source is 'Source that brought it.';
