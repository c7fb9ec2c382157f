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
drop function bi.show_metric(text, text, jsonb);

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
