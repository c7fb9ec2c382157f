create view bi.fact_exercise with (security_invoker = true) as
select
    exercise.event_id,
    event.date_key,
    event.hazard_id,
    exercise_type.code as exercise_type,
    exercise_type.class as exercise_class,
    exercise.sponsor_organization_id as organization_id,
    exercise.program,
    event.status,
    1 as exercise_count,
    extract(epoch from event.end_at - event.start_at)::double precision / 3600 as duration_hours,
    exercise.time_limit_minutes
from warehouse.exercise
left join warehouse.event using (event_id)
left join warehouse.exercise_type using (exercise_type_id);

comment on view bi.fact_exercise is 'One row an exercise.';
comment on column bi.fact_exercise.event_id is 'Joins dim_event and bridge_event_region.';
comment on column bi.fact_exercise.date_key is 'Local day the event began; joins dim_date.';
comment on column bi.fact_exercise.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_exercise.exercise_type is 'SEM, WKS, TTX, GAME, DRL, FE or FSE.';
comment on column bi.fact_exercise.exercise_class is 'DISCUSSION or OPERATIONS.';
comment on column bi.fact_exercise.organization_id is 'Sponsor; joins dim_organization.';
comment on column bi.fact_exercise.program is 'Grant program of the exercise.';
comment on column bi.fact_exercise.status is 'PLANNED, HELD or CANCELLED.';
comment on column bi.fact_exercise.exercise_count is '1 an exercise, to sum.';
comment on column bi.fact_exercise.duration_hours is 'Hours from start to end, to average.';
comment on column bi.fact_exercise.time_limit_minutes is 'Time allowed by its rules, minutes.';
