create view bi.fact_corrective_action with (security_invoker = true) as
select
    a.corrective_action_id,
    a.event_id,
    a.finding_id,
    a.region_id,
    a.capability_id,
    a.owner_organization_id as organization_id,
    (date_part('year', a.opened_on) * 10000 + date_part('month', a.opened_on) * 100
        + date_part('day', a.opened_on))::integer as date_key,
    (date_part('year', a.due_current_on) * 10000 + date_part('month', a.due_current_on) * 100
        + date_part('day', a.due_current_on))::integer as due_date_key,
    (date_part('year', a.closed_on) * 10000 + date_part('month', a.closed_on) * 100
        + date_part('day', a.closed_on))::integer as closed_date_key,
    a.status,
    a.priority,
    a.text as action,
    a.opened_on,
    a.due_original_on,
    a.due_current_on,
    a.completed_on,
    1 as action_count,
    (a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED'))::integer as open_count,
    coalesce(
        (a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') and a.due_current_on < current_date), false
    )::integer as overdue_count,
    coalesce(a.closed_on, current_date) - a.opened_on as days_open,
    case
        when (a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') and a.due_current_on < current_date)
            then current_date - a.due_current_on
    end as days_overdue,
    case
        when not a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') then 'closed'
        when a.due_current_on is null then 'no due date'
        when not (a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') and a.due_current_on < current_date)
            then 'not due'
        when current_date - a.due_current_on <= 30 then '1-30'
        when current_date - a.due_current_on <= 90 then '31-90'
        when current_date - a.due_current_on <= 180 then '91-180'
        else '>180'
    end as age_band,
    a.due_current_on - a.due_original_on as slippage_days
from (
    select
        a.*,
        coalesce(
            a.completed_on, a.cancelled_on, a.validated_on,
            case when a.status in ('COMPLETED', 'VALIDATED', 'CANCELLED') then coalesce(
                (
                    select min(h.changed_on) from warehouse.action_status_history h
                    where h.corrective_action_id = a.corrective_action_id
                        and h.status in ('COMPLETED', 'VALIDATED', 'CANCELLED')
                ),
                a.opened_on
            ) end
        ) as closed_on
    from warehouse.corrective_action a
) a;

comment on view bi.fact_corrective_action is 'One row a corrective action as it is today.';
comment on column bi.fact_corrective_action.corrective_action_id is 'Key.';
comment on column bi.fact_corrective_action.event_id is 'Event it came from; joins dim_event.';
comment on column bi.fact_corrective_action.finding_id is 'Finding it answers; joins fact_finding.';
comment on column bi.fact_corrective_action.region_id is 'Region that owes it; joins dim_region.';
comment on column bi.fact_corrective_action.capability_id is 'Joins dim_capability.';
comment on column bi.fact_corrective_action.organization_id is
    'Organization responsible; joins dim_organization.';
comment on column bi.fact_corrective_action.date_key is 'Day it was opened; joins dim_date.';
comment on column bi.fact_corrective_action.due_date_key is 'Day it is due now; joins dim_date.';
comment on column bi.fact_corrective_action.closed_date_key is
    'Day it was completed or canceled; joins dim_date.';
comment on column bi.fact_corrective_action.status is
    'PROPOSED, OPEN, IN_PROGRESS, COMPLETED, VALIDATED, DEFERRED or CANCELLED.';
comment on column bi.fact_corrective_action.priority is 'HIGH, MEDIUM or LOW.';
comment on column bi.fact_corrective_action.action is 'What is to be done, redacted.';
comment on column bi.fact_corrective_action.opened_on is 'Day it was opened.';
comment on column bi.fact_corrective_action.due_original_on is 'First due date.';
comment on column bi.fact_corrective_action.due_current_on is 'Present due date.';
comment on column bi.fact_corrective_action.completed_on is 'Day it was completed.';
comment on column bi.fact_corrective_action.action_count is '1 an action, to sum.';
comment on column bi.fact_corrective_action.open_count is '1 while open, to sum.';
comment on column bi.fact_corrective_action.overdue_count is
    '1 when open and past its present due date, to sum.';
comment on column bi.fact_corrective_action.days_open is
    'Days from opening to closing, or to today; grows while open, so a mean misleads. Use the metric '
    'action_time_to_close.';
comment on column bi.fact_corrective_action.days_overdue is
    'Days past the present due date, to average; empty unless overdue.';
comment on column bi.fact_corrective_action.age_band is
    'Days overdue in bands: closed, no due date, not due, 1-30, 31-90, 91-180, >180.';
comment on column bi.fact_corrective_action.slippage_days is 'Days the due date has moved, to average.';
