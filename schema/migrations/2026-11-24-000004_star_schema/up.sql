-- The star schema for BI tools: views only, read with the reader's own rights (security_invoker), so that row-level
-- security holds. Keys have the same name on both sides of a join. Columns are only ever added within a major version.

create view bi.dim_date with (security_invoker = true) as
select
    date_key,
    calendar_date as date,
    year,
    quarter,
    month,
    day,
    iso_week,
    day_of_week,
    month_start,
    quarter_start,
    fiscal_year,
    fiscal_quarter,
    federal_fiscal_year,
    budget_period
from warehouse.calendar_date;
comment on view bi.dim_date is 'One row a day, 1950 to 2050.';
comment on column bi.dim_date.date_key is 'Key: the day as YYYYMMDD.';
comment on column bi.dim_date.date is 'The day.';
comment on column bi.dim_date.year is 'Calendar year.';
comment on column bi.dim_date.quarter is 'Calendar quarter, 1 to 4.';
comment on column bi.dim_date.month is 'Month, 1 to 12.';
comment on column bi.dim_date.day is 'Day of the month.';
comment on column bi.dim_date.iso_week is 'ISO week.';
comment on column bi.dim_date.day_of_week is 'ISO day of the week, 1 Monday to 7 Sunday.';
comment on column bi.dim_date.month_start is 'First day of the month.';
comment on column bi.dim_date.quarter_start is 'First day of the quarter.';
comment on column bi.dim_date.fiscal_year is 'Fiscal year starting 1 July, named by its ending year.';
comment on column bi.dim_date.fiscal_quarter is 'Quarter of that fiscal year, 1 to 4.';
comment on column bi.dim_date.federal_fiscal_year is 'Federal fiscal year starting 1 October, named by its ending year.';
comment on column bi.dim_date.budget_period is 'Budget period of the present grant cycle.';

create view bi.dim_region with (security_invoker = true) as
select
    region.region_id,
    region_scheme.code as scheme,
    region.code,
    region.name as region,
    region.short_name,
    region.sponsor,
    region.valid_from,
    region.valid_to,
    (select count(*) from warehouse.municipality_region m where m.region_id = region.region_id and m.valid_to is null)::integer as municipalities,
    (select sum(t.population_2020) from warehouse.municipality_region m join warehouse.municipality t using (municipality_id) where m.region_id = region.region_id and m.valid_to is null) as population_2020
from warehouse.region join warehouse.region_scheme using (region_scheme_id);
comment on view bi.dim_region is 'Regions of every scheme; -1 unmapped, 0 state-wide.';
comment on column bi.dim_region.region_id is 'Key; -1 unmapped, 0 state-wide.';
comment on column bi.dim_region.scheme is 'Scheme, e.g. HMCC.';
comment on column bi.dim_region.code is 'Code in the scheme.';
comment on column bi.dim_region.region is 'Name.';
comment on column bi.dim_region.short_name is 'Name for charts.';
comment on column bi.dim_region.sponsor is 'Sponsoring organization.';
comment on column bi.dim_region.valid_from is 'First day of validity; empty for always.';
comment on column bi.dim_region.valid_to is 'Last day of validity; empty while valid.';
comment on column bi.dim_region.municipalities is 'Member cities and towns now, a count.';
comment on column bi.dim_region.population_2020 is 'Residents, census of 2020.';

create view bi.dim_organization with (security_invoker = true) as
select
    organization.organization_id,
    organization.name as organization,
    organization.region_id,
    discipline.name as discipline,
    discipline.ma_core as is_ma_core_discipline,
    discipline.hpp_core as is_hpp_core_member,
    organization.staffed_beds,
    organization.active
from warehouse.organization join warehouse.discipline using (discipline_id);
comment on view bi.dim_organization is 'Organizations as they are now; -1 unmapped.';
comment on column bi.dim_organization.organization_id is 'Key; -1 unmapped.';
comment on column bi.dim_organization.organization is 'Name.';
comment on column bi.dim_organization.region_id is 'Its region; joins dim_region.';
comment on column bi.dim_organization.discipline is 'Kind of organization.';
comment on column bi.dim_organization.is_ma_core_discipline is 'One of Massachusetts'' five core disciplines.';
comment on column bi.dim_organization.is_hpp_core_member is 'One of the Hospital Preparedness Program''s four core members.';
comment on column bi.dim_organization.staffed_beds is 'Staffed beds, a count.';
comment on column bi.dim_organization.active is 'Still in operation.';

create view bi.dim_capability with (security_invoker = true) as
select
    capability.capability_id,
    capability_framework.code as framework,
    capability_framework.edition,
    capability.code,
    capability.name as capability,
    capability.domain,
    capability.sort_order
from warehouse.capability join warehouse.capability_framework using (capability_framework_id);
comment on view bi.dim_capability is 'Capabilities of every framework and edition; -1 unmapped.';
comment on column bi.dim_capability.capability_id is 'Key; -1 unmapped.';
comment on column bi.dim_capability.framework is 'Framework, e.g. PHEP.';
comment on column bi.dim_capability.edition is 'Edition.';
comment on column bi.dim_capability.code is 'Number or code in the framework.';
comment on column bi.dim_capability.capability is 'Name.';
comment on column bi.dim_capability.domain is 'Group within the framework.';
comment on column bi.dim_capability.sort_order is 'Order in lists.';

create view bi.dim_hazard with (security_invoker = true) as
select
    hazard_id,
    code,
    category,
    name as hazard,
    sort_order
from warehouse.hazard;
comment on view bi.dim_hazard is 'Canonical hazards; -1 unmapped.';
comment on column bi.dim_hazard.hazard_id is 'Key; -1 unmapped.';
comment on column bi.dim_hazard.code is 'Code.';
comment on column bi.dim_hazard.category is 'Category.';
comment on column bi.dim_hazard.hazard is 'Name.';
comment on column bi.dim_hazard.sort_order is 'Order in lists.';

create view bi.dim_event with (security_invoker = true) as
select
    event_id,
    kind,
    name as event,
    (extract(year from local_date) * 10000 + extract(month from local_date) * 100 + extract(day from local_date))::integer as date_key,
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
comment on view bi.dim_event is 'Incidents, exercises and planned events; joins bridge_event_region for its regions.';
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

create view bi.bridge_event_region with (security_invoker = true) as
select
    event_id,
    region_id,
    allocation_weight
from warehouse.event_region;
comment on view bi.bridge_event_region is 'Regions of each event. Multiply measures of an event by allocation_weight when summing over regions, so that nothing counts twice.';
comment on column bi.bridge_event_region.event_id is 'Joins dim_event and the facts of events.';
comment on column bi.bridge_event_region.region_id is 'Joins dim_region.';
comment on column bi.bridge_event_region.allocation_weight is 'Share of the event given to the region, 0 to 1; sums to 1 an event.';

create view bi.fact_incident with (security_invoker = true) as
select
    incident.event_id,
    (extract(year from event.local_date) * 10000 + extract(month from event.local_date) * 100 + extract(day from event.local_date))::integer as date_key,
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
from warehouse.incident join warehouse.event using (event_id);
comment on view bi.fact_incident is 'One row an incident.';
comment on column bi.fact_incident.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_incident.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_incident.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_incident.response is 'What the coalition did: NONE, MONITORED or RESPONDED.';
comment on column bi.fact_incident.declaration_number is 'Federal declaration.';
comment on column bi.fact_incident.activation_ordinal is 'Activation: 0 none, 1 monitoring, 2 partial, 3 full.';
comment on column bi.fact_incident.incident_count is '1 an incident, to sum.';
comment on column bi.fact_incident.duration_hours is 'Hours from start to end.';
comment on column bi.fact_incident.deaths is 'Deaths, direct and indirect; a missing figure counts 0.';
comment on column bi.fact_incident.deaths_direct is 'Deaths caused directly.';
comment on column bi.fact_incident.deaths_indirect is 'Deaths caused indirectly.';
comment on column bi.fact_incident.injuries is 'Injuries, direct and indirect; a missing figure counts 0.';
comment on column bi.fact_incident.damage_property_usd is 'Property damage, US dollars.';
comment on column bi.fact_incident.damage_crops_usd is 'Crop damage, US dollars.';
comment on column bi.fact_incident.evacuated is 'People evacuated.';
comment on column bi.fact_incident.patients is 'Patients cared for.';
comment on column bi.fact_incident.hospitals_involved is 'Hospitals involved.';
comment on column bi.fact_incident.area_km2 is 'Area, square kilometres.';

create view bi.fact_exercise with (security_invoker = true) as
select
    exercise.event_id,
    (extract(year from event.local_date) * 10000 + extract(month from event.local_date) * 100 + extract(day from event.local_date))::integer as date_key,
    event.hazard_id,
    exercise_type.code as exercise_type,
    exercise_type.class as exercise_class,
    exercise.sponsor_organization_id as organization_id,
    exercise.programme,
    event.status,
    1 as exercise_count,
    extract(epoch from event.end_at - event.start_at)::double precision / 3600 as duration_hours,
    exercise.time_limit_minutes
from warehouse.exercise join warehouse.event using (event_id) join warehouse.exercise_type using (exercise_type_id);
comment on view bi.fact_exercise is 'One row an exercise.';
comment on column bi.fact_exercise.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_exercise.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_exercise.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_exercise.exercise_type is 'SEM, WKS, TTX, GAME, DRL, FE or FSE.';
comment on column bi.fact_exercise.exercise_class is 'discussion or operations.';
comment on column bi.fact_exercise.organization_id is 'Sponsor; joins dim_organization.';
comment on column bi.fact_exercise.programme is 'Programme it was held for.';
comment on column bi.fact_exercise.status is 'PLANNED, HELD or CANCELLED.';
comment on column bi.fact_exercise.exercise_count is '1 an exercise, to sum.';
comment on column bi.fact_exercise.duration_hours is 'Hours from start to end.';
comment on column bi.fact_exercise.time_limit_minutes is 'Time allowed by its rules, minutes.';

create view bi.fact_capability_rating with (security_invoker = true) as
select
    capability_rating.capability_rating_id,
    capability_rating.event_id,
    (extract(year from event.local_date) * 10000 + extract(month from event.local_date) * 100 + extract(day from event.local_date))::integer as date_key,
    event.hazard_id,
    capability_rating.capability_id,
    capability_rating.organization_id,
    event.kind as event_kind,
    capability_rating.level,
    rating_scale.code as scale,
    capability_rating.rating,
    rating_value.ordinal as rating_ordinal,
    not rating_value.excluded as is_rated,
    (not rating_value.excluded)::integer as rated_count,
    (rating_value.counts_as_good and not rating_value.excluded)::integer as good_count,
    (rating_value.met_objective and not rating_value.excluded)::integer as met_objective_count
from warehouse.capability_rating join warehouse.event using (event_id) join warehouse.rating_scale using (rating_scale_id) join warehouse.rating_value on rating_value.rating_scale_id = capability_rating.rating_scale_id and rating_value.code = capability_rating.rating;
comment on view bi.fact_capability_rating is 'One row a rating; filter level = CAPABILITY and is_rated for the headline share, sum(good_count) / sum(rated_count), a scale at a time.';
comment on column bi.fact_capability_rating.capability_rating_id is 'Key.';
comment on column bi.fact_capability_rating.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_capability_rating.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_capability_rating.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_capability_rating.capability_id is 'Joins dim_capability.';
comment on column bi.fact_capability_rating.organization_id is 'Organization rated, -1 the whole event; joins dim_organization.';
comment on column bi.fact_capability_rating.event_kind is 'INCIDENT, EXERCISE or PLANNED_EVENT.';
comment on column bi.fact_capability_rating.level is 'CAPABILITY, TARGET or TASK.';
comment on column bi.fact_capability_rating.scale is 'Rating scale; never mix scales.';
comment on column bi.fact_capability_rating.rating is 'Value, e.g. P.';
comment on column bi.fact_capability_rating.rating_ordinal is 'Rank on the scale, 1 the best; an order, not a number to average.';
comment on column bi.fact_capability_rating.is_rated is 'Counts in the denominator.';
comment on column bi.fact_capability_rating.rated_count is '1 when rated, to sum.';
comment on column bi.fact_capability_rating.good_count is '1 when P or S, to sum.';
comment on column bi.fact_capability_rating.met_objective_count is '1 when the objective was met, to sum.';

create view bi.fact_finding with (security_invoker = true) as
select
    finding.finding_id,
    finding.event_id,
    (extract(year from event.local_date) * 10000 + extract(month from event.local_date) * 100 + extract(day from event.local_date))::integer as date_key,
    event.hazard_id,
    finding.capability_id,
    finding.organization_id,
    finding.kind,
    finding.text as finding,
    (finding.kind = 'STRENGTH')::integer as strength_count,
    (finding.kind = 'AREA_FOR_IMPROVEMENT')::integer as area_count,
    (select count(*) from warehouse.corrective_action a where a.finding_id = finding.finding_id)::integer as action_count
from warehouse.finding join warehouse.event using (event_id);
comment on view bi.fact_finding is 'One row a strength or area for improvement.';
comment on column bi.fact_finding.finding_id is 'Key.';
comment on column bi.fact_finding.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_finding.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_finding.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_finding.capability_id is 'Joins dim_capability.';
comment on column bi.fact_finding.organization_id is 'Organization it is about, -1 the whole event; joins dim_organization.';
comment on column bi.fact_finding.kind is 'STRENGTH or AREA_FOR_IMPROVEMENT.';
comment on column bi.fact_finding.finding is 'The observation, redacted.';
comment on column bi.fact_finding.strength_count is '1 for a strength, to sum.';
comment on column bi.fact_finding.area_count is '1 for an area for improvement, to sum.';
comment on column bi.fact_finding.action_count is 'Corrective actions answering it, a count.';

create view bi.fact_corrective_action with (security_invoker = true) as
select
    a.corrective_action_id,
    a.event_id,
    a.finding_id,
    a.region_id,
    a.capability_id,
    a.owner_organization_id as organization_id,
    (extract(year from a.opened_on) * 10000 + extract(month from a.opened_on) * 100 + extract(day from a.opened_on))::integer as date_key,
    (extract(year from a.due_current_on) * 10000 + extract(month from a.due_current_on) * 100 + extract(day from a.due_current_on))::integer as due_date_key,
    (extract(year from a.closed_on) * 10000 + extract(month from a.closed_on) * 100 + extract(day from a.closed_on))::integer as closed_date_key,
    a.status,
    a.priority,
    a.text as action,
    a.opened_on,
    a.due_original_on,
    a.due_current_on,
    a.completed_on,
    1 as action_count,
    (a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED'))::integer as open_count,
    coalesce((a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') and a.due_current_on < current_date), false)::integer as overdue_count,
    coalesce(a.closed_on, current_date) - a.opened_on as days_open,
    case when (a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') and a.due_current_on < current_date) then current_date - a.due_current_on end as days_overdue,
    case when not a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') then 'closed' when a.due_current_on is null then 'no due date' when not (a.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') and a.due_current_on < current_date) then 'not due' when current_date - a.due_current_on <= 30 then '1-30' when current_date - a.due_current_on <= 90 then '31-90' when current_date - a.due_current_on <= 180 then '91-180' else '>180' end as age_band,
    a.due_current_on - a.due_original_on as slippage_days
from (select a.*, coalesce(a.completed_on, a.cancelled_on, a.validated_on, case when a.status in ('COMPLETED', 'VALIDATED', 'CANCELLED') then coalesce((select min(h.changed_on) from warehouse.action_status_history h where h.corrective_action_id = a.corrective_action_id and h.status in ('COMPLETED', 'VALIDATED', 'CANCELLED')), a.opened_on) end) as closed_on from warehouse.corrective_action a) a;
comment on view bi.fact_corrective_action is 'One row a corrective action as it is today.';
comment on column bi.fact_corrective_action.corrective_action_id is 'Key.';
comment on column bi.fact_corrective_action.event_id is 'Event it came from; joins dim_event.';
comment on column bi.fact_corrective_action.finding_id is 'Finding it answers; joins fact_finding.';
comment on column bi.fact_corrective_action.region_id is 'Region that owes it; joins dim_region.';
comment on column bi.fact_corrective_action.capability_id is 'Joins dim_capability.';
comment on column bi.fact_corrective_action.organization_id is 'Organization responsible; joins dim_organization.';
comment on column bi.fact_corrective_action.date_key is 'Day it was opened; joins dim_date.';
comment on column bi.fact_corrective_action.due_date_key is 'Day it is due now; joins dim_date.';
comment on column bi.fact_corrective_action.closed_date_key is 'Day it was completed or cancelled; joins dim_date.';
comment on column bi.fact_corrective_action.status is 'PROPOSED, OPEN, IN_PROGRESS, COMPLETED, VALIDATED, DEFERRED or CANCELLED.';
comment on column bi.fact_corrective_action.priority is 'HIGH, MEDIUM or LOW.';
comment on column bi.fact_corrective_action.action is 'What is to be done, redacted.';
comment on column bi.fact_corrective_action.opened_on is 'Day it was opened.';
comment on column bi.fact_corrective_action.due_original_on is 'First due date.';
comment on column bi.fact_corrective_action.due_current_on is 'Present due date.';
comment on column bi.fact_corrective_action.completed_on is 'Day it was completed.';
comment on column bi.fact_corrective_action.action_count is '1 an action, to sum.';
comment on column bi.fact_corrective_action.open_count is '1 while open, to sum.';
comment on column bi.fact_corrective_action.overdue_count is '1 when open and past its present due date, to sum.';
comment on column bi.fact_corrective_action.days_open is 'Days from opening to closing, or to today.';
comment on column bi.fact_corrective_action.days_overdue is 'Days past the present due date.';
comment on column bi.fact_corrective_action.age_band is 'Days overdue in bands: closed, no due date, not due, 1-30, 31-90, 91-180, >180.';
comment on column bi.fact_corrective_action.slippage_days is 'Days the due date has moved.';

create view bi.fact_action_backlog_daily with (security_invoker = true) as
select
    d.date_key,
    s.region_id,
    coalesce(c.opened, 0) as opened,
    coalesce(c.completed, 0) as completed,
    coalesce(c.cancelled, 0) as cancelled,
    sum(coalesce(c.opened, 0) - coalesce(c.completed, 0) - coalesce(c.cancelled, 0)) over (partition by s.region_id order by d.calendar_date)::bigint as open_at_end
from (select region_id, min(opened_on) as first_day from warehouse.corrective_action group by region_id) s
join warehouse.calendar_date d on d.calendar_date between s.first_day and current_date
left join (
    select region_id, day, sum(opened)::bigint as opened, sum(completed)::bigint as completed, sum(cancelled)::bigint as cancelled
    from (
        select region_id, opened_on as day, 1 as opened, 0 as completed, 0 as cancelled from warehouse.corrective_action
        union all
        select a.region_id, a.closed_on, 0, (a.status <> 'CANCELLED')::integer, (a.status = 'CANCELLED')::integer
        from (select a.*, coalesce(a.completed_on, a.cancelled_on, a.validated_on, case when a.status in ('COMPLETED', 'VALIDATED', 'CANCELLED') then coalesce((select min(h.changed_on) from warehouse.action_status_history h where h.corrective_action_id = a.corrective_action_id and h.status in ('COMPLETED', 'VALIDATED', 'CANCELLED')), a.opened_on) end) as closed_on from warehouse.corrective_action a) a
        where a.closed_on is not null
    ) changes group by region_id, day
) c on c.region_id = s.region_id and c.day = d.calendar_date;
comment on view bi.fact_action_backlog_daily is 'One row a day and region from its first action to today: open(t) = open(t-1) + opened - completed - cancelled. A semi-additive fact: sum over regions, never over days.';
comment on column bi.fact_action_backlog_daily.date_key is 'Joins dim_date.';
comment on column bi.fact_action_backlog_daily.region_id is 'Region that owes the actions; joins dim_region.';
comment on column bi.fact_action_backlog_daily.opened is 'Actions opened on the day.';
comment on column bi.fact_action_backlog_daily.completed is 'Actions completed on the day.';
comment on column bi.fact_action_backlog_daily.cancelled is 'Actions cancelled on the day.';
comment on column bi.fact_action_backlog_daily.open_at_end is 'Actions open at the end of the day.';

create view bi.fact_risk_score with (security_invoker = true) as
select
    s.risk_score_id,
    s.risk_assessment_id,
    a.organization_id,
    a.region_id,
    s.hazard_id,
    (extract(year from a.assessed_on) * 10000 + extract(month from a.assessed_on) * 100 + extract(day from a.assessed_on))::integer as date_key,
    m.code as method,
    a.assessed_on = max(a.assessed_on) over (partition by a.organization_id, a.assessment_method_id) as is_latest,
    s.applicable,
    s.risk,
    s.inherent_risk,
    s.rank_in_assessment,
    s.probability,
    s.alerts,
    s.activations
from warehouse.risk_score s join warehouse.risk_assessment a using (risk_assessment_id) join warehouse.assessment_method m using (assessment_method_id);
comment on view bi.fact_risk_score is 'One row a hazard of a risk assessment; 0 probability means not applicable, so average over applicable rows only.';
comment on column bi.fact_risk_score.risk_score_id is 'Key.';
comment on column bi.fact_risk_score.risk_assessment_id is 'The assessment.';
comment on column bi.fact_risk_score.organization_id is 'Organization that assessed; joins dim_organization.';
comment on column bi.fact_risk_score.region_id is 'Its region; joins dim_region.';
comment on column bi.fact_risk_score.hazard_id is 'Joins dim_hazard.';
comment on column bi.fact_risk_score.date_key is 'Day of the assessment; joins dim_date.';
comment on column bi.fact_risk_score.method is 'Method; compare scores of one method only.';
comment on column bi.fact_risk_score.is_latest is 'Of the organization''s latest assessment by the method.';
comment on column bi.fact_risk_score.applicable is 'The hazard applies.';
comment on column bi.fact_risk_score.risk is 'Risk by the formula, 0 to 1.';
comment on column bi.fact_risk_score.inherent_risk is 'Risk without the readiness self-scores, 0 to 1.';
comment on column bi.fact_risk_score.rank_in_assessment is 'Rank by risk, 1 the highest.';
comment on column bi.fact_risk_score.probability is 'Likelihood, 0 to 3.';
comment on column bi.fact_risk_score.alerts is 'Alerts in the year, a count.';
comment on column bi.fact_risk_score.activations is 'Activations in the year, a count.';

create view bi.fact_milestone with (security_invoker = true) as
select
    milestone.milestone_id,
    milestone.event_id,
    (extract(year from event.local_date) * 10000 + extract(month from event.local_date) * 100 + extract(day from event.local_date))::integer as date_key,
    event.hazard_id,
    coalesce(milestone.organization_id, -1) as organization_id,
    milestone_type.code as milestone,
    milestone_type.sort_order as milestone_order,
    milestone.occurred_at,
    milestone.time_precision,
    case when milestone.time_precision <> 'day' then extract(epoch from milestone.occurred_at - event.start_at)::double precision / 60 end as minutes_since_start
from warehouse.milestone join warehouse.event using (event_id) join warehouse.milestone_type using (milestone_type_id);
comment on view bi.fact_milestone is 'One row a time stamp of an event.';
comment on column bi.fact_milestone.milestone_id is 'Key.';
comment on column bi.fact_milestone.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_milestone.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_milestone.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_milestone.organization_id is 'Organization it is about, -1 the coalition; joins dim_organization.';
comment on column bi.fact_milestone.milestone is 'What happened, e.g. activated.';
comment on column bi.fact_milestone.milestone_order is 'Expected order.';
comment on column bi.fact_milestone.occurred_at is 'When.';
comment on column bi.fact_milestone.time_precision is 'minute, hour or day.';
comment on column bi.fact_milestone.minutes_since_start is 'Minutes since the event began; empty when known to the day only.';

create view bi.fact_resource_request with (security_invoker = true) as
select
    resource_request_id,
    event_id,
    region_id,
    organization_id,
    (extract(year from (requested_at at time zone 'America/New_York')) * 10000 + extract(month from (requested_at at time zone 'America/New_York')) * 100 + extract(day from (requested_at at time zone 'America/New_York')))::integer as date_key,
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
comment on column bi.fact_resource_request.region_id is 'Region that asked; joins dim_region.';
comment on column bi.fact_resource_request.organization_id is 'Organization that asked; joins dim_organization.';
comment on column bi.fact_resource_request.date_key is 'Day it was asked, Eastern time; joins dim_date.';
comment on column bi.fact_resource_request.kind is 'What was asked for.';
comment on column bi.fact_resource_request.priority is 'URGENT, ROUTINE or LOW.';
comment on column bi.fact_resource_request.status is 'OPEN, PARTIAL, FILLED or CANCELLED.';
comment on column bi.fact_resource_request.request_count is '1 a request, to sum.';
comment on column bi.fact_resource_request.quantity_requested is 'Quantity asked.';
comment on column bi.fact_resource_request.quantity_filled is 'Quantity filled.';
comment on column bi.fact_resource_request.filled_in_full_count is '1 when filled in full, to sum.';
comment on column bi.fact_resource_request.hours_to_fill is 'Hours from asking to filling; empty while unfilled.';
comment on column bi.fact_resource_request.on_time is 'Filled by the time needed; empty when unfilled or no time was given.';

create view bi.fact_participation with (security_invoker = true) as
select
    participation.participation_id,
    participation.event_id,
    (extract(year from event.local_date) * 10000 + extract(month from event.local_date) * 100 + extract(day from event.local_date))::integer as date_key,
    event.hazard_id,
    participation.organization_id,
    participation.region_id,
    participation.role,
    participation.executive_present,
    participation.participant_count,
    1 as participation_count
from warehouse.participation join warehouse.event using (event_id);
comment on view bi.fact_participation is 'One row an organization''s part in an event.';
comment on column bi.fact_participation.participation_id is 'Key.';
comment on column bi.fact_participation.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_participation.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_participation.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_participation.organization_id is 'Joins dim_organization.';
comment on column bi.fact_participation.region_id is 'Its region at the time; joins dim_region.';
comment on column bi.fact_participation.role is 'player, controller, evaluator, observer, sponsor or responder.';
comment on column bi.fact_participation.executive_present is 'An executive took part.';
comment on column bi.fact_participation.participant_count is 'People who took part, a count.';
comment on column bi.fact_participation.participation_count is '1 a part, to sum.';

create function bi.show_metric(metric text, meaning text) returns void
    language plpgsql
    as $$
declare
    name text := 'metric_' || metric;
    one record;
begin
    if metric !~ '^[a-z][a-z0-9_]{0,50}$' then
        raise exception 'a metric id is lower-case letters, digits and underscores, not %', metric;
    end if;
    execute format(
        'create or replace view bi.%I with (security_invoker = true) as select grain, period, period_start, region_id, capability_id, '
        'hazard_id, dimensions, value, unit, numerator, denominator, n, ci_low, ci_high, reliability, note, extra, as_of, warehouse_version '
        'from bi.metric_value where metric_id = %L', name, metric);
    execute format('comment on view bi.%I is %L', name, meaning);
    for one in
        select attname, col_description(attrelid, attnum) as told from pg_attribute
        where attrelid = 'bi.metric_value'::regclass and attnum > 0 and not attisdropped and attname not in ('metric_value_id', 'metric_id')
    loop
        execute format('comment on column bi.%I.%I is %L', name, one.attname, one.told);
    end loop;
end
$$;
comment on function bi.show_metric(text, text) is 'Makes or renews the tidy view bi.metric_ID of one published metric.';
