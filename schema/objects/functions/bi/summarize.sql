-- Readers see the old sums until the publication commits. Unchanged sums are not computed again.
-- requires: functions/bi/version_of

create function bi.summarize() returns void
    language plpgsql set jit = off
    as $$
declare
    present bigint := bi.version_of(
        'warehouse.capability_rating', 'warehouse.event', 'warehouse.event_region', 'warehouse.rating_value');
begin
    if present > coalesce((select max(warehouse_version) from bi.fact_capability_rating_monthly), -1) then
        delete from bi.fact_capability_rating_monthly;
        insert into bi.fact_capability_rating_monthly (
            date_key, region_id, capability_id, hazard_id, event_kind, level, scale, rating, rating_count, rated_count,
            good_count, met_objective_count, is_open, event_region_ids, warehouse_version)
        with class as (
            select
                event.event_id, event.hazard_id, event.kind,
                event.sensitivity = 'PUBLIC' or event.statewide as is_open,
                (extract(year from local_date) * 10000 + extract(month from local_date) * 100 + 1)::integer as date_key,
                coalesce(place.regions, '{-1}') as regions, coalesce(place.weights, '{1}') as weights
            from warehouse.event left join (
                select
                    event_id,
                    array_agg(region_id order by region_id) as regions,
                    array_agg(allocation_weight order by region_id) as weights
                from warehouse.event_region group by event_id
            ) place using (event_id)
        ), counted as (
            select
                date_key, hazard_id, kind, is_open, regions, weights, capability_id, level, rating_scale_id, rating,
                count(*) as ratings
            from warehouse.capability_rating join class using (event_id)
            group by
                date_key, hazard_id, kind, is_open, regions, weights, capability_id, level, rating_scale_id, rating
        )
        select date_key, part.region_id, capability_id, hazard_id, kind, level, s.code, rating,
            sum(ratings * weight), sum(ratings * weight * (not v.excluded)::integer),
            sum(ratings * weight * (v.counts_as_good and not v.excluded)::integer),
            sum(ratings * weight * (v.met_objective and not v.excluded)::integer), is_open, regions, present
        from counted join warehouse.rating_scale s using (rating_scale_id)
        join warehouse.rating_value v on v.rating_scale_id = counted.rating_scale_id and v.code = counted.rating
        cross join lateral unnest(regions, weights) as part (region_id, weight)
        group by
            date_key, part.region_id, capability_id, hazard_id, kind, level, s.code, rating, is_open, regions;
    end if;
    present := bi.version_of(
        'warehouse.corrective_action', 'warehouse.action_status_history', 'warehouse.event', 'warehouse.event_region');
    if present > coalesce((select max(warehouse_version) from bi.action_change_daily), -1) then
        delete from bi.action_change_daily;
        insert into bi.action_change_daily (
            day, region_id, opened, completed, cancelled, reopened, is_open, event_region_ids, warehouse_version)
        with action as (
            select a.corrective_action_id, a.region_id,
                a.sensitivity = 'PUBLIC' or a.region_from_event and coalesce(event.statewide, false) as is_open,
                case when a.region_from_event then coalesce(place.regions, '{}') else '{}' end as regions
            from warehouse.corrective_action a left join warehouse.event using (event_id) left join (
                select event_id, array_agg(region_id order by region_id) as regions
                from warehouse.event_region group by event_id
            ) place using (event_id)
        ), step as (
            -- A reopened action counts on each day by its status on that day.
            select changed_on, region_id, is_open, regions, standing,
                lag(standing) over (partition by corrective_action_id order by changed_on, sequence) as before
            from (
                select corrective_action_id, changed_on, sequence,
                    case when status in ('COMPLETED', 'VALIDATED') then 'COMPLETED'
                         when status = 'CANCELLED' then 'CANCELLED'
                         else 'OPEN' end as standing
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
comment on function bi.summarize() is
    'Renews the sums for dashboards where the tables beneath them have changed; called by each publication.';

-- Compute the sums again, because their definition may have changed.
delete from bi.fact_capability_rating_monthly;
delete from bi.action_change_daily;
select bi.summarize();
