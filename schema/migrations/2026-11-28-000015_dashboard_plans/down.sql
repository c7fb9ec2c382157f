create or replace view bi.dim_region with (security_invoker = true) as
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
create or replace view bi.dim_organization with (security_invoker = true) as
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
create or replace view bi.dim_capability with (security_invoker = true) as
select
    capability.capability_id,
    capability_framework.code as framework,
    capability_framework.edition,
    capability.code,
    capability.name as capability,
    capability.domain,
    capability.sort_order
from warehouse.capability join warehouse.capability_framework using (capability_framework_id);
create or replace view bi.dim_event with (security_invoker = true) as
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
create or replace view bi.fact_incident with (security_invoker = true) as
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
create or replace view bi.fact_exercise with (security_invoker = true) as
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
create or replace view bi.fact_capability_rating with (security_invoker = true) as
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
create or replace view bi.fact_finding with (security_invoker = true) as
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
create or replace view bi.fact_corrective_action with (security_invoker = true) as
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
create or replace view bi.fact_risk_score with (security_invoker = true) as
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
create or replace view bi.fact_milestone with (security_invoker = true) as
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
create or replace view bi.fact_resource_request with (security_invoker = true) as
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
create or replace view bi.fact_participation with (security_invoker = true) as
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

alter function access.owns_warehouse() parallel unsafe;
alter function access.viewer_role() parallel unsafe;
alter function access.viewer_regions() parallel unsafe;
alter function access.sees_all_detail() parallel unsafe;
alter function access.sees_detail() parallel unsafe;
alter function access.known_region() parallel unsafe;

drop index warehouse.corrective_action_region_id_status_idx;
create index corrective_action_region_id_status_idx on warehouse.corrective_action (region_id, status);
drop index warehouse.finding_capability_id_event_id_idx;
create index finding_capability_id_event_id_idx on warehouse.finding (capability_id, event_id);
drop index warehouse.capability_rating_capability_id_event_id_idx;
create index capability_rating_capability_id_event_id_idx on warehouse.capability_rating (capability_id, event_id);
drop index warehouse.event_kind_local_date_event_id_idx;
create index event_kind_local_date_event_id_idx on warehouse.event (kind, local_date, event_id);
drop index warehouse.event_local_date_event_id_idx;
create index event_local_date_event_id_idx on warehouse.event (local_date, event_id);
alter table warehouse.event drop column date_key;
