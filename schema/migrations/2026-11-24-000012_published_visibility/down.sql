create view access.small_cell as
    select metric_id, grain, period, dimensions - 'region' as other_dimensions, region_id
    from bi.metric_value
    where region_id is not null and n between 1 and 4;
comment on view access.small_cell is 'Published cells of one region with one to four records behind them.';
comment on column access.small_cell.metric_id is 'Metric.';
comment on column access.small_cell.grain is 'Length of the period.';
comment on column access.small_cell.period is 'Period.';
comment on column access.small_cell.other_dimensions is 'Group keys but the region.';
comment on column access.small_cell.region_id is 'Region of the cell.';

drop policy visible on bi.metric_value;
create policy visible on bi.metric_value for select using (
    (select access.sees_all_detail())
    or region_id is null
    or ((select access.sees_detail()) and region_id = any ((select access.viewer_regions())::integer[]))
    or not exists (
        select 1 from access.small_cell c
        where c.metric_id = metric_value.metric_id and c.grain = metric_value.grain and c.period = metric_value.period
          and c.other_dimensions = metric_value.dimensions - 'region'
          and not ((select access.sees_detail()) and c.region_id = any ((select access.viewer_regions())::integer[]))));
drop function access.known_region();
alter table bi.metric_value drop column withheld_from;

create or replace function access.open_to_readers(reader name) returns void
    language plpgsql
    as $$
begin
    execute format('grant usage on schema bi, warehouse, access to %I', reader);
    execute format('grant select on all tables in schema bi, warehouse to %I', reader);
    execute format('grant select on access.visible_event, access.small_cell to %I', reader);
    execute format('alter default privileges in schema bi grant select on tables to %I', reader);
end
$$;
