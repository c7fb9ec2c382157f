comment on column bi.bridge_event_region.allocation_weight is 'Share of the event given to the region, 0 to 1; sums to 1 an event.';
comment on column bi.dim_organization.staffed_beds is 'Staffed beds, a count.';
comment on column bi.dim_region.municipalities is 'Member cities and towns now, a count.';
comment on column bi.dim_region.population_2020 is 'Residents, census of 2020.';
comment on column bi.fact_incident.duration_hours is 'Hours from start to end.';
comment on column bi.fact_exercise.duration_hours is 'Hours from start to end.';
comment on column bi.fact_incident.deaths is 'Deaths, direct and indirect; a missing figure counts 0.';
comment on column bi.fact_incident.deaths_direct is 'Deaths caused directly.';
comment on column bi.fact_incident.deaths_indirect is 'Deaths caused indirectly.';
comment on column bi.fact_incident.injuries is 'Injuries, direct and indirect; a missing figure counts 0.';
comment on column bi.fact_incident.damage_property_usd is 'Property damage, US dollars.';
comment on column bi.fact_incident.damage_crops_usd is 'Crop damage, US dollars.';
comment on column bi.fact_incident.evacuated is 'People evacuated.';
comment on column bi.fact_incident.patients is 'Patients cared for.';
comment on column bi.fact_incident.hospitals_involved is 'Hospitals involved.';
comment on column bi.fact_resource_request.quantity_requested is 'Quantity asked.';
comment on column bi.fact_resource_request.quantity_filled is 'Quantity filled.';
comment on column bi.fact_resource_request.hours_to_fill is 'Hours from asking to filling; empty while unfilled.';
comment on column bi.fact_corrective_action.days_open is 'Days from opening to closing, or to today.';
comment on column bi.fact_corrective_action.slippage_days is 'Days the due date has moved.';
comment on column bi.fact_corrective_action.days_overdue is 'Days past the present due date.';
comment on column bi.fact_action_backlog_daily.open_at_end is 'Actions open at the end of the day.';
comment on column bi.fact_risk_score.risk is 'Risk by the formula, 0 to 1.';
comment on column bi.fact_risk_score.inherent_risk is 'Risk without the readiness self-scores, 0 to 1.';
comment on column bi.fact_risk_score.alerts is 'Alerts in the year, a count.';
comment on column bi.fact_risk_score.activations is 'Activations in the year, a count.';
comment on column bi.fact_milestone.minutes_since_start is 'Minutes since the event began; empty when known to the day only.';

create or replace function bi.show_metric(metric text, meaning text, adds jsonb) returns boolean
    language plpgsql
    as $$
declare
    view text := 'metric_' || metric;
    wanted jsonb;
    present jsonb;
    own text;
    one record;
begin
    if metric !~ '^[a-z][a-z0-9_]{0,50}$' then
        raise exception 'a metric id is lower-case letters, digits and underscores, not %', metric;
    end if;
    select jsonb_agg(jsonb_build_array(name, type, told) order by place) into wanted
    from (
        select name, type, told, place
        from unnest(
            array['grain', 'period', 'period_start', 'date_key', 'region_id', 'region', 'capability_id', 'capability', 'hazard_id', 'hazard',
                  'value', 'unit', 'numerator', 'denominator', 'n', 'ci_low', 'ci_high', 'reliability', 'note', 'as_of', 'warehouse_version'],
            array['text', 'text', 'date', 'integer', 'integer', 'text', 'integer', 'text', 'integer', 'text',
                  'double precision', 'text', 'double precision', 'double precision', 'bigint', 'double precision', 'double precision', 'text',
                  'text', 'date', 'bigint'],
            array['Length of the period: ALL, MONTH, QUARTER or FISCAL_YEAR; filter one of them.',
                  'Period, e.g. 2025-Q3; empty for all time.', 'First day of the period; empty for all time.',
                  'First day of the period as YYYYMMDD; joins dim_date.', 'Joins dim_region; empty when not grouped by region.',
                  'Name of the region.', 'Joins dim_capability, its newest edition; empty when not grouped by capability.',
                  'Name of the capability.', 'Joins dim_hazard; empty when not grouped by hazard.', 'Name of the hazard.',
                  'The value, in the unit of the column unit; empty where undefined.',
                  'Unit of the value; a share is 0 to 1.', 'Numerator of the value, a count or a sum.',
                  'Denominator of the value, a count or a sum.', 'Records behind the value, a count.',
                  'Lower end of the 95% interval, in the unit of the value.', 'Upper end of the 95% interval, in the unit of the value.',
                  'OK, LOW_N (too few to judge) or SUPPRESSED.', 'What to know about the value.', 'Day it was computed for.',
                  'Version of the warehouse it was computed from.']
        ) with ordinality as fixed (name, type, told, place)
        union all
        select a ->> 'name', a ->> 'type', a ->> 'meaning', 100 + ordinality
        from jsonb_array_elements(adds) with ordinality as added (a, ordinality)
    ) columns;
    select jsonb_agg(jsonb_build_array(attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)) order by attnum)
    into present
    from pg_attribute
    where attrelid = to_regclass(format('bi.%I', view)) and attnum > 0 and not attisdropped;
    if present = wanted and obj_description(to_regclass(format('bi.%I', view))) = meaning then
        return false;
    end if;
    -- The types come from the registry of this program, never from a reader; they are checked all the same.
    select string_agg(format(', %s as %I',
        case when a ->> 'type' = 'jsonb' then format('v.%I -> %L', a ->> 'from', a ->> 'key')
             else format('(v.%I ->> %L)::%s', a ->> 'from', a ->> 'key', (a ->> 'type')::regtype) end, a ->> 'name'), '' order by ordinality)
    into own
    from jsonb_array_elements(adds) with ordinality as added (a, ordinality);
    execute format('drop view if exists bi.%I', view);
    execute format(
        'create view bi.%I with (security_invoker = true) as select v.grain, v.period, v.period_start, '
        '(extract(year from v.period_start) * 10000 + extract(month from v.period_start) * 100 + extract(day from v.period_start))::integer as date_key, '
        'v.region_id, region.name as region, v.capability_id, capability.name as capability, v.hazard_id, hazard.name as hazard, '
        'v.value, v.unit, v.numerator, v.denominator, v.n, v.ci_low, v.ci_high, v.reliability, v.note, v.as_of, v.warehouse_version%s '
        'from bi.metric_value v left join warehouse.region using (region_id) left join warehouse.capability using (capability_id) '
        'left join warehouse.hazard using (hazard_id) where v.metric_id = %L', view, coalesce(own, ''), metric);
    execute format('comment on view bi.%I is %L', view, meaning);
    for one in select c ->> 0 as name, c ->> 2 as told from jsonb_array_elements(wanted) as c
    loop
        execute format('comment on column bi.%I.%I is %L', view, one.name, one.told);
    end loop;
    return true;
end
$$;

-- The views with the old columns are made anew without the key.
do $$
declare
    view text;
begin
    for view in select relname from pg_class where relnamespace = 'bi'::regnamespace and relkind = 'v' and relname like 'metric\_%'
    loop
        execute format('drop view bi.%I', view);
    end loop;
end
$$;
