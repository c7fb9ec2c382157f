create view bi.fact_action_backlog_daily with (security_invoker = true) as
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
    select
        region_id,
        day,
        sum(opened)::bigint as opened,
        sum(completed)::bigint as completed,
        sum(cancelled)::bigint as cancelled,
        sum(reopened)::bigint as reopened
    from bi.action_change_daily group by region_id, day
) c on c.region_id = s.region_id and c.day = d.calendar_date;

comment on view bi.fact_action_backlog_daily is
    'One row a day and region from its first action to today: open(t) = open(t-1) + opened + reopened - '
    'completed - cancelled. A semi-additive fact: sum over regions, never over days. As of the last '
    'publication.';
comment on column bi.fact_action_backlog_daily.date_key is 'Joins dim_date.';
comment on column bi.fact_action_backlog_daily.region_id is 'Region that owes the actions; joins dim_region.';
comment on column bi.fact_action_backlog_daily.opened is 'Actions opened on the day, to sum.';
comment on column bi.fact_action_backlog_daily.completed is 'Actions completed on the day, to sum.';
comment on column bi.fact_action_backlog_daily.cancelled is 'Actions canceled on the day, to sum.';
comment on column bi.fact_action_backlog_daily.open_at_end is
    'Actions open at the end of the day, to sum over regions, never over days.';
comment on column bi.fact_action_backlog_daily.reopened is 'Actions taken up again on the day, to sum.';
