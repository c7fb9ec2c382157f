-- Row-level security: the rule of access.rs as SQL. Aggregates of all regions are open; detail is open to one's own
-- regions, and state-wide and public records to everyone who may see detail at all. Owner and superusers pass.

create function access.owns_warehouse() returns boolean
    language sql stable security definer set search_path = pg_catalog
    as $$ select pg_has_role(session_user, (select nspowner from pg_namespace where nspname = 'warehouse'), 'MEMBER') $$;
comment on function access.owns_warehouse() is 'The session belongs to the warehouse''s owner, who may act for any viewer.';

create function access.viewer_role() returns text
    language sql stable security definer set search_path = pg_catalog
    as $$
        select coalesce(
            (select role from access.bi_login where login = session_user),
            case when access.owns_warehouse() then coalesce(nullif(current_setting('hotwash.viewer_role', true), ''), 'admin') end,
            'viewer')
    $$;
comment on function access.viewer_role() is 'Role of who asks: a BI login''s own, or, for the owner''s connections only, the setting hotwash.viewer_role.';

create function access.viewer_regions() returns integer[]
    language sql stable security definer set search_path = pg_catalog
    as $$
        select coalesce(array_agg(region.region_id), '{}')
        from warehouse.region
        join warehouse.region_scheme using (region_scheme_id)
        where region_scheme.code = 'HMCC'
          and region.region_id > 0
          and region.code = any (coalesce(
              (select region_codes from access.bi_login where login = session_user),
              case when access.owns_warehouse()
                   then string_to_array(nullif(current_setting('hotwash.viewer_regions', true), ''), ',') end,
              '{}'))
    $$;
comment on function access.viewer_regions() is 'Ids of the regions whose detail is open to who asks.';

create function access.sees_all_detail() returns boolean
    language sql stable
    as $$ select access.viewer_role() in ('admin', 'analyst') $$;
comment on function access.sees_all_detail() is 'Detail of all regions is open.';

create function access.sees_detail() returns boolean
    language sql stable
    as $$ select access.viewer_role() = 'region' and cardinality(access.viewer_regions()) > 0 $$;
comment on function access.sees_detail() is 'Detail of some regions, of state-wide and of public records is open; a region login without a region sees none.';

-- Runs with its owner's rights, so that the policies below do not call each other in circles.
create view access.visible_event as
    select event_id from warehouse.event
    where (select access.sees_detail()) and (sensitivity = 'PUBLIC' or statewide)
    union all
    select event_id from warehouse.event_region
    where (select access.sees_detail()) and region_id = any ((select access.viewer_regions())::integer[]);
comment on view access.visible_event is 'Events whose detail is open to a region viewer: public, state-wide, or of its own regions.';
comment on column access.visible_event.event_id is 'The event.';

do $$
declare
    name text;
begin
    foreach name in array array[
        'event', 'incident', 'exercise', 'event_region', 'event_county', 'event_hazard', 'event_link', 'event_source_label',
        'after_action_report', 'objective', 'participation', 'milestone', 'information_request', 'capability_rating', 'finding']
    loop
        execute format(
            'create policy visible on warehouse.%1$I for select using ((select access.sees_all_detail()) or exists '
            '(select 1 from access.visible_event v where v.event_id = %1$I.event_id))', name);
    end loop;
    foreach name in array array['information_report:information_request', 'finding_element:finding',
        'corrective_action_element:corrective_action', 'corrective_action_source:corrective_action',
        'action_status_history:corrective_action', 'risk_score:risk_assessment']
    loop
        execute format(
            'create policy visible on warehouse.%1$I for select using ((select access.sees_all_detail()) or exists '
            '(select 1 from warehouse.%2$I whole where whole.%3$I = %1$I.%3$I))',
            split_part(name, ':', 1), split_part(name, ':', 2), split_part(name, ':', 2) || '_id');
    end loop;
    create policy visible on warehouse.corrective_action for select using (
        (select access.sees_all_detail())
        or ((select access.sees_detail())
            and (sensitivity = 'PUBLIC' or region_id = any ((select access.viewer_regions())::integer[])
                 or exists (select 1 from access.visible_event v where v.event_id = corrective_action.event_id))));
    create policy visible on warehouse.resource_request for select using (
        (select access.sees_all_detail())
        or ((select access.sees_detail()) and region_id = any ((select access.viewer_regions())::integer[])));
    create policy visible on warehouse.risk_assessment for select using (
        (select access.sees_all_detail())
        or ((select access.sees_detail())
            and (sensitivity = 'PUBLIC' or region_id = any ((select access.viewer_regions())::integer[]))));
    for name in select tablename from pg_policies where schemaname = 'warehouse' and policyname = 'visible'
    loop
        execute format('alter table warehouse.%I enable row level security', name);
    end loop;
end
$$;

-- Published aggregates are open, but not other regions' small cells, nor the cells beside one from which it could be
-- found by subtracting from the total. Runs with its owner's rights: it tells groups, never values.
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

create policy visible on bi.metric_value for select using (
    (select access.sees_all_detail())
    or region_id is null
    or ((select access.sees_detail()) and region_id = any ((select access.viewer_regions())::integer[]))
    or not exists (
        select 1 from access.small_cell c
        where c.metric_id = metric_value.metric_id and c.grain = metric_value.grain and c.period = metric_value.period
          and c.other_dimensions = metric_value.dimensions - 'region'
          and not ((select access.sees_detail()) and c.region_id = any ((select access.viewer_regions())::integer[]))));
alter table bi.metric_value enable row level security;

-- What a login may read; called when a login is granted and after each migration, so that new tables are open too.
create function access.open_to_readers(reader name) returns void
    language plpgsql
    as $$
begin
    execute format('grant usage on schema bi, warehouse, access to %I', reader);
    execute format('grant select on all tables in schema bi, warehouse to %I', reader);
    execute format('grant select on access.visible_event, access.small_cell to %I', reader);
    execute format('alter default privileges in schema bi grant select on tables to %I', reader);
end
$$;
comment on function access.open_to_readers(name) is 'Lets a role read the star schema and the tables beneath it; row-level security decides which rows.';
