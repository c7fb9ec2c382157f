-- Which published rows are withheld from whom is decided where the API decides it (`hotwash_metrics::suppress`), when they are
-- published: by records, organizations and every sum that would give a withheld row back. The rows published until now are withheld
-- from all that do not see all detail, but for their own regions, until the next publication.

alter table bi.metric_value add column withheld_from integer[] not null default '{}';
comment on column bi.metric_value.withheld_from is 'From whom the row is withheld: ids of regions, for those whose own region it is; 0 for those without a region, -2 for those with several.';
update bi.metric_value set withheld_from = array[0, -2] || (select array_agg(region_id) from warehouse.region where region_id > 0);

create function access.known_region() returns integer
    language sql stable
    as $$
        select case when not access.sees_detail() then 0
                    when cardinality(access.viewer_regions()) = 1 then (access.viewer_regions())[1]
                    else -2 end
    $$;
comment on function access.known_region() is 'The one region whose detail is open to who asks; 0 for none, -2 for several.';

drop policy visible on bi.metric_value;
create policy visible on bi.metric_value for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail()) and region_id = any ((select access.viewer_regions())::integer[]))
    or not ((select access.known_region()) = any (withheld_from)));

create or replace function access.open_to_readers(reader name) returns void
    language plpgsql
    as $$
begin
    execute format('grant usage on schema bi, warehouse, access to %I', reader);
    execute format('grant select on all tables in schema bi, warehouse to %I', reader);
    execute format('grant select on access.visible_event to %I', reader);
    execute format('alter default privileges in schema bi grant select on tables to %I', reader);
end
$$;
drop view access.small_cell;
