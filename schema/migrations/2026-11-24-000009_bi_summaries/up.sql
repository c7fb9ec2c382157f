-- Sums for dashboards over millions of rows, renewed with each publication: ratings by month, changes of actions by day. Each row
-- keeps what decides who may see the records beneath it (open to all detail, or the regions of the event), so that row-level
-- security holds for the sums as it does for the records.

create table bi.fact_capability_rating_monthly (
    capability_rating_monthly_id bigint generated always as identity primary key,
    date_key integer not null,
    region_id integer not null,
    capability_id integer not null,
    hazard_id integer not null,
    event_kind text not null,
    level text not null,
    scale text not null,
    rating text not null,
    rating_count double precision not null,
    rated_count double precision not null,
    good_count double precision not null,
    met_objective_count double precision not null,
    is_open boolean not null,
    event_region_ids integer[] not null,
    warehouse_version bigint not null
);
comment on table bi.fact_capability_rating_monthly is 'Ratings by month, region, capability, hazard, kind of event, level, scale and value: the fast fact for dashboards over many years. An event in several regions is split by its weights, so that sums over regions are right. As of the last publication.';
comment on column bi.fact_capability_rating_monthly.capability_rating_monthly_id is 'Key.';
comment on column bi.fact_capability_rating_monthly.date_key is 'First day of the month in which the event began; joins dim_date.';
comment on column bi.fact_capability_rating_monthly.region_id is 'Region of the event, -1 for none; joins dim_region.';
comment on column bi.fact_capability_rating_monthly.capability_id is 'Joins dim_capability.';
comment on column bi.fact_capability_rating_monthly.hazard_id is 'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_capability_rating_monthly.event_kind is 'INCIDENT, EXERCISE or PLANNED_EVENT.';
comment on column bi.fact_capability_rating_monthly.level is 'CAPABILITY, TARGET or TASK; filter CAPABILITY for the headline share.';
comment on column bi.fact_capability_rating_monthly.scale is 'Rating scale; never mix scales.';
comment on column bi.fact_capability_rating_monthly.rating is 'Value, e.g. P.';
comment on column bi.fact_capability_rating_monthly.rating_count is 'Ratings, a weighted count, to sum.';
comment on column bi.fact_capability_rating_monthly.rated_count is 'Ratings that count in the denominator, a weighted count, to sum.';
comment on column bi.fact_capability_rating_monthly.good_count is 'Ratings P or S, a weighted count, to sum.';
comment on column bi.fact_capability_rating_monthly.met_objective_count is 'Ratings with the objective met, a weighted count, to sum.';
comment on column bi.fact_capability_rating_monthly.is_open is 'The events are public or state-wide: for row-level security.';
comment on column bi.fact_capability_rating_monthly.event_region_ids is 'All regions of the events: for row-level security.';
comment on column bi.fact_capability_rating_monthly.warehouse_version is 'Version of the warehouse it was summed from.';

create table bi.action_change_daily (
    action_change_daily_id bigint generated always as identity primary key,
    day date not null,
    region_id integer not null,
    opened bigint not null,
    completed bigint not null,
    cancelled bigint not null,
    reopened bigint not null,
    is_open boolean not null,
    event_region_ids integer[] not null,
    warehouse_version bigint not null
);
comment on table bi.action_change_daily is 'What fact_action_backlog_daily adds up: actions opened, completed, cancelled and taken up again by day and region, as their dated history tells. As of the last publication.';
comment on column bi.action_change_daily.action_change_daily_id is 'Key.';
comment on column bi.action_change_daily.day is 'The day.';
comment on column bi.action_change_daily.region_id is 'Region that owes the actions; joins dim_region.';
comment on column bi.action_change_daily.opened is 'Actions opened on the day, to sum.';
comment on column bi.action_change_daily.completed is 'Actions completed on the day, to sum.';
comment on column bi.action_change_daily.cancelled is 'Actions cancelled on the day, to sum.';
comment on column bi.action_change_daily.reopened is 'Actions taken up again on the day, to sum.';
comment on column bi.action_change_daily.is_open is 'The actions or their events are public or state-wide: for row-level security.';
comment on column bi.action_change_daily.event_region_ids is 'All regions of the events: for row-level security.';
comment on column bi.action_change_daily.warehouse_version is 'Version of the warehouse it was summed from.';

create policy visible on bi.fact_capability_rating_monthly for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail()) and (is_open or event_region_ids && (select access.viewer_regions()))));
alter table bi.fact_capability_rating_monthly enable row level security;
create policy visible on bi.action_change_daily for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail())
        and (is_open or region_id = any ((select access.viewer_regions())::integer[]) or event_region_ids && (select access.viewer_regions()))));
alter table bi.action_change_daily enable row level security;

create function bi.version_of(variadic tables text[]) returns bigint
    language sql stable
    as $$ select coalesce(max(version), 0) from meta.table_version where table_name = any (tables) $$;
comment on function bi.version_of(text[]) is 'The highest version of these tables.';

-- Readers see the old sums until the publication commits. What has not changed is not summed again.
create function bi.summarize() returns void
    language plpgsql set jit = off
    as $$
declare
    present bigint := bi.version_of('warehouse.capability_rating', 'warehouse.event', 'warehouse.event_region', 'warehouse.rating_value');
begin
    if present > coalesce((select max(warehouse_version) from bi.fact_capability_rating_monthly), -1) then
        delete from bi.fact_capability_rating_monthly;
        insert into bi.fact_capability_rating_monthly (date_key, region_id, capability_id, hazard_id, event_kind, level, scale, rating,
            rating_count, rated_count, good_count, met_objective_count, is_open, event_region_ids, warehouse_version)
        with class as (
            select event.event_id, event.hazard_id, event.kind, event.sensitivity = 'PUBLIC' or event.statewide as is_open,
                (extract(year from local_date) * 10000 + extract(month from local_date) * 100 + 1)::integer as date_key,
                coalesce(place.regions, '{-1}') as regions, coalesce(place.weights, '{1}') as weights
            from warehouse.event left join (
                select event_id, array_agg(region_id order by region_id) as regions, array_agg(allocation_weight order by region_id) as weights
                from warehouse.event_region group by event_id) place using (event_id)
        ), counted as (
            select date_key, hazard_id, kind, is_open, regions, weights, capability_id, level, rating_scale_id, rating, count(*) as ratings
            from warehouse.capability_rating join class using (event_id)
            group by date_key, hazard_id, kind, is_open, regions, weights, capability_id, level, rating_scale_id, rating
        )
        select date_key, part.region_id, capability_id, hazard_id, kind, level, s.code, rating,
            sum(ratings * weight), sum(ratings * weight * (not v.excluded)::integer),
            sum(ratings * weight * (v.counts_as_good and not v.excluded)::integer),
            sum(ratings * weight * (v.met_objective and not v.excluded)::integer), is_open, regions, present
        from counted join warehouse.rating_scale s using (rating_scale_id)
        join warehouse.rating_value v on v.rating_scale_id = counted.rating_scale_id and v.code = counted.rating
        cross join lateral unnest(regions, weights) as part (region_id, weight)
        group by date_key, part.region_id, capability_id, hazard_id, kind, level, s.code, rating, is_open, regions;
    end if;
    present := bi.version_of('warehouse.corrective_action', 'warehouse.action_status_history', 'warehouse.event', 'warehouse.event_region');
    if present > coalesce((select max(warehouse_version) from bi.action_change_daily), -1) then
        delete from bi.action_change_daily;
        insert into bi.action_change_daily (day, region_id, opened, completed, cancelled, reopened, is_open, event_region_ids, warehouse_version)
        with action as (
            select a.corrective_action_id, a.region_id,
                a.sensitivity = 'PUBLIC' or coalesce(event.sensitivity = 'PUBLIC' or event.statewide, false) as is_open,
                coalesce(place.regions, '{}') as regions
            from warehouse.corrective_action a left join warehouse.event using (event_id) left join (
                select event_id, array_agg(region_id order by region_id) as regions from warehouse.event_region group by event_id) place using (event_id)
        ), step as (
            -- An action that was closed and taken up again counts on each day as it stood.
            select changed_on, region_id, is_open, regions, standing,
                lag(standing) over (partition by corrective_action_id order by changed_on, sequence) as before
            from (
                select corrective_action_id, changed_on, sequence,
                    case when status in ('COMPLETED', 'VALIDATED') then 'COMPLETED' when status = 'CANCELLED' then 'CANCELLED' else 'OPEN' end as standing
                from warehouse.action_status_history
            ) history join action using (corrective_action_id)
        )
        select changed_on, region_id,
            count(*) filter (where before is null),
            count(*) filter (where standing = 'COMPLETED' and before is distinct from 'CANCELLED'),
            count(*) filter (where standing = 'CANCELLED' and before is distinct from 'COMPLETED'),
            count(*) filter (where standing = 'OPEN' and before is not null), is_open, regions, present
        from step where before is distinct from standing
        group by changed_on, region_id, is_open, regions;
    end if;
end
$$;
comment on function bi.summarize() is 'Renews the sums for dashboards where the tables beneath them have changed; called by each publication.';

create or replace view bi.fact_action_backlog_daily with (security_invoker = true) as
select
    d.date_key,
    s.region_id,
    coalesce(c.opened, 0) as opened,
    coalesce(c.completed, 0) as completed,
    coalesce(c.cancelled, 0) as cancelled,
    sum(coalesce(c.opened, 0) + coalesce(c.reopened, 0) - coalesce(c.completed, 0) - coalesce(c.cancelled, 0))
        over (partition by s.region_id order by d.calendar_date)::bigint as open_at_end,
    coalesce(c.reopened, 0) as reopened
from (select region_id, min(day) as first_day from bi.action_change_daily group by region_id) s
join warehouse.calendar_date d on d.calendar_date between s.first_day and current_date
left join (
    select region_id, day, sum(opened)::bigint as opened, sum(completed)::bigint as completed, sum(cancelled)::bigint as cancelled,
        sum(reopened)::bigint as reopened
    from bi.action_change_daily group by region_id, day
) c on c.region_id = s.region_id and c.day = d.calendar_date;
comment on view bi.fact_action_backlog_daily is 'One row a day and region from its first action to today: open(t) = open(t-1) + opened + reopened - completed - cancelled. A semi-additive fact: sum over regions, never over days. As of the last publication.';
comment on column bi.fact_action_backlog_daily.opened is 'Actions opened on the day, to sum.';
comment on column bi.fact_action_backlog_daily.completed is 'Actions completed on the day, to sum.';
comment on column bi.fact_action_backlog_daily.cancelled is 'Actions cancelled on the day, to sum.';
comment on column bi.fact_action_backlog_daily.reopened is 'Actions taken up again on the day, to sum.';
comment on column bi.fact_finding.action_count is 'Corrective actions answering it, to sum.';
comment on column bi.fact_participation.participant_count is 'People who took part, to sum.';

select bi.summarize();

do $$
declare
    reader text;
begin
    for reader in select login from access.bi_login where exists (select from pg_roles where rolname = login)
    loop
        perform access.open_to_readers(reader::name);
    end loop;
end
$$;
