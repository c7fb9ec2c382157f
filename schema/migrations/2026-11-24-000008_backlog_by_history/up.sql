-- The daily backlog follows the dated history, so that an action that was closed and taken up again counts on each day as it stood.
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
from (select region_id, min(opened_on) as first_day from warehouse.corrective_action group by region_id) s
join warehouse.calendar_date d on d.calendar_date between s.first_day and current_date
left join (
    select region_id, changed_on,
        count(*) filter (where before is null)::bigint as opened,
        count(*) filter (where before in ('COMPLETED', 'CANCELLED') and standing = 'OPEN')::bigint as reopened,
        count(*) filter (where standing = 'COMPLETED' and before is distinct from 'CANCELLED')::bigint as completed,
        count(*) filter (where standing = 'CANCELLED' and before is distinct from 'COMPLETED')::bigint as cancelled
    from (
        select h.changed_on, a.region_id, h.standing,
            lag(h.standing) over (partition by h.corrective_action_id order by h.changed_on, h.sequence) as before
        from (
            select corrective_action_id, changed_on, sequence,
                case when status in ('COMPLETED', 'VALIDATED') then 'COMPLETED' when status = 'CANCELLED' then 'CANCELLED' else 'OPEN' end as standing
            from warehouse.action_status_history
        ) h join warehouse.corrective_action a using (corrective_action_id)
    ) changes where before is distinct from standing group by region_id, changed_on
) c on c.region_id = s.region_id and c.changed_on = d.calendar_date;
comment on view bi.fact_action_backlog_daily is 'One row a day and region from its first action to today: open(t) = open(t-1) + opened + reopened - completed - cancelled. A semi-additive fact: sum over regions, never over days.';
comment on column bi.fact_action_backlog_daily.reopened is 'Actions taken up again on the day.';
