drop view bi.fact_action_backlog_daily;
create view bi.fact_action_backlog_daily with (security_invoker = true) as
select
    d.date_key,
    s.region_id,
    coalesce(c.opened, 0) as opened,
    coalesce(c.completed, 0) as completed,
    coalesce(c.cancelled, 0) as cancelled,
    sum(coalesce(c.opened, 0) - coalesce(c.completed, 0) - coalesce(c.cancelled, 0)) over (partition by s.region_id order by d.calendar_date)::bigint as open_at_end
from (select region_id, min(opened_on) as first_day from warehouse.corrective_action group by region_id) s
join warehouse.calendar_date d on d.calendar_date between s.first_day and current_date
left join (
    select region_id, day, sum(opened)::bigint as opened, sum(completed)::bigint as completed, sum(cancelled)::bigint as cancelled
    from (
        select region_id, opened_on as day, 1 as opened, 0 as completed, 0 as cancelled from warehouse.corrective_action
        union all
        select a.region_id, a.closed_on, 0, (a.status <> 'CANCELLED')::integer, (a.status = 'CANCELLED')::integer
        from (select a.*, coalesce(a.completed_on, a.cancelled_on, a.validated_on, case when a.status in ('COMPLETED', 'VALIDATED', 'CANCELLED') then coalesce((select min(h.changed_on) from warehouse.action_status_history h where h.corrective_action_id = a.corrective_action_id and h.status in ('COMPLETED', 'VALIDATED', 'CANCELLED')), a.opened_on) end) as closed_on from warehouse.corrective_action a) a
        where a.closed_on is not null
    ) changes group by region_id, day
) c on c.region_id = s.region_id and c.day = d.calendar_date;
comment on view bi.fact_action_backlog_daily is 'One row a day and region from its first action to today: open(t) = open(t-1) + opened - completed - cancelled. A semi-additive fact: sum over regions, never over days.';
comment on column bi.fact_action_backlog_daily.date_key is 'Joins dim_date.';
comment on column bi.fact_action_backlog_daily.region_id is 'Region that owes the actions; joins dim_region.';
comment on column bi.fact_action_backlog_daily.opened is 'Actions opened on the day.';
comment on column bi.fact_action_backlog_daily.completed is 'Actions completed on the day.';
comment on column bi.fact_action_backlog_daily.cancelled is 'Actions cancelled on the day.';
comment on column bi.fact_action_backlog_daily.open_at_end is 'Actions open at the end of the day.';

drop function bi.summarize();
drop function bi.version_of(text[]);
drop table bi.action_change_daily;
drop table bi.fact_capability_rating_monthly;
