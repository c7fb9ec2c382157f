-- Creates the view of one metric. It has the group keys with their names, the value with its interval and n, and the
-- metric's own values. Each is a typed column, so that a BI tool needs no JSON. Publication calls this function for
-- each metric of the registry. `adds` lists the metric's own columns:
-- {"name", "from": "dimensions" | "extra", "key", "type", "meaning"}.

create function bi.show_metric(metric text, meaning text, adds jsonb) returns boolean
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
        select * from (values
            ('metric_value_id', 'bigint', 'Key of the published row; another after each publication.', 1),
            ('grain', 'text',
                'Length of the period: ALL, MONTH, QUARTER or FISCAL_YEAR; filter one of them.', 2),
            ('period', 'text', 'Period, e.g. 2025-Q3; empty for all time.', 3),
            ('period_start', 'date', 'First day of the period; empty for all time.', 4),
            ('date_key', 'integer', 'First day of the period as YYYYMMDD; joins dim_date.', 5),
            ('region_id', 'integer', 'Joins dim_region; empty when not grouped by region.', 6),
            ('region', 'text', 'Name of the region.', 7),
            ('capability_id', 'integer',
                'Joins dim_capability, its newest edition; empty when not grouped by capability.', 8),
            ('capability', 'text', 'Name of the capability.', 9),
            ('hazard_id', 'integer', 'Joins dim_hazard; empty when not grouped by hazard.', 10),
            ('hazard', 'text', 'Name of the hazard.', 11),
            ('value', 'double precision',
                'The value, in the unit of the column unit; empty where undefined. Never add it up.', 12),
            ('unit', 'text', 'Unit of the value; a share is 0 to 1.', 13),
            ('numerator', 'double precision',
                'Numerator of the value, a count or a sum. Never add it up over rows.', 14),
            ('denominator', 'double precision',
                'Denominator of the value, a count or a sum. Never add it up over rows.', 15),
            ('n', 'bigint', 'Records behind the value, a count. Never add it up over rows.', 16),
            ('ci_low', 'double precision', 'Lower end of the 95% interval, in the unit of the value.', 17),
            ('ci_high', 'double precision', 'Upper end of the 95% interval, in the unit of the value.', 18),
            ('reliability', 'text', 'OK, STALE (a feed is overdue), LOW_N (too few to judge) or SUPPRESSED.', 19),
            ('note', 'text', 'What to know about the value.', 20),
            ('previous_value', 'double precision',
                'Value of the period before; empty for all time, and where that period has none. Never add it '
                'up.', 21),
            ('previous_n', 'bigint',
                'Records behind the value of the period before, a count. Never add it up over rows.', 22),
            ('difference', 'double precision', 'Value less that of the period before. Never add it up.', 23),
            ('difference_low', 'double precision',
                'Lower end of the 95% interval of a difference of shares (Newcombe).', 24),
            ('difference_high', 'double precision', 'Upper end of the 95% interval of a difference of shares.', 25),
            ('rate_ratio', 'double precision',
                'Rate a day over that of the period before, for counts of a period. Never add it up.', 26),
            ('rate_ratio_low', 'double precision', 'Lower end of the exact 95% interval of the ratio.', 27),
            ('rate_ratio_high', 'double precision',
                'Upper end of the exact 95% interval of the ratio; empty if it has no end.', 28),
            ('change_p_value', 'double precision',
                'Two-sided probability of a difference at least as large if nothing changed.', 29),
            ('change_verdict', 'text',
                'CHANGED, NO_DETECTABLE_CHANGE, TOO_FEW or NOT_TESTED: whether the value differs from the '
                'period before beyond chance, corrected among the rows of the same metric, grain and region.', 30),
            ('as_of', 'date', 'Day it was computed for.', 31),
            ('warehouse_version', 'bigint', 'Version of the warehouse it was computed from.', 32)
        ) as fixed (name, type, told, place)
        union all
        select a ->> 'name', a ->> 'type', a ->> 'meaning', 100 + ordinality
        from jsonb_array_elements(adds) with ordinality as added (a, ordinality)
    ) columns;
    select jsonb_agg(
        jsonb_build_array(attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum))
        order by attnum)
    into present
    from pg_attribute
    where attrelid = to_regclass(format('bi.%I', view)) and attnum > 0 and not attisdropped;
    if present = wanted and obj_description(to_regclass(format('bi.%I', view))) = meaning then
        return false;
    end if;
    -- The types come from this program's registry, never from a reader. They are still checked.
    select string_agg(format(', %s as %I',
        case when a ->> 'type' = 'jsonb' then format('v.%I -> %L', a ->> 'from', a ->> 'key')
             else format('(v.%I ->> %L)::%s', a ->> 'from', a ->> 'key', (a ->> 'type')::regtype) end,
        a ->> 'name'), '' order by ordinality)
    into own
    from jsonb_array_elements(adds) with ordinality as added (a, ordinality);
    execute format('drop view if exists bi.%I', view);
    execute format(
        'create view bi.%I with (security_invoker = true) as '
        'select v.metric_value_id, v.grain, v.period, v.period_start, '
        '(extract(year from v.period_start) * 10000 + extract(month from v.period_start) * 100 '
        '+ extract(day from v.period_start))::integer as date_key, '
        'v.region_id, region.name as region, v.capability_id, capability.name as capability, '
        'v.hazard_id, hazard.name as hazard, v.value, v.unit, v.numerator, v.denominator, v.n, '
        'v.ci_low, v.ci_high, v.reliability, v.note, v.previous_value, v.previous_n, v.difference, '
        'v.difference_low, v.difference_high, v.rate_ratio, v.rate_ratio_low, v.rate_ratio_high, '
        'v.change_p_value, v.change_verdict, v.as_of, v.warehouse_version%s '
        'from bi.metric_value v left join warehouse.region using (region_id) '
        'left join warehouse.capability using (capability_id) '
        'left join warehouse.hazard using (hazard_id) where v.metric_id = %L',
        view, coalesce(own, ''), metric);
    execute format('comment on view bi.%I is %L', view, meaning);
    for one in select c ->> 0 as name, c ->> 2 as told from jsonb_array_elements(wanted) as c
    loop
        execute format('comment on column bi.%I.%I is %L', view, one.name, one.told);
    end loop;
    return true;
end
$$;
comment on function bi.show_metric(text, text, jsonb) is
    'Creates the tidy view bi.metric_ID of one published metric, or renews it when its definition changed; '
    'true when it did.';
