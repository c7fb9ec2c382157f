-- First stamp of each kind in an event, in minutes since 1970: known to the minute or hour, and
-- known only to the day.
with stamp as (
    select m.event_id, y.code, m.time_precision = 'DAY' as by_day,
        min(floor(date_part('epoch', m.occurred_at) / 60 + 0.5)::bigint) as minute
    from warehouse.milestone m
    join warehouse.milestone_type y using (milestone_type_id)
    where {m.event_id}
    group by 1, 2, 3
)
select e.event_id, floor(date_part('epoch', e.start_at) / 60 + 0.5)::bigint,
    floor(date_part('epoch', e.end_at) / 60 + 0.5)::bigint, x.time_limit_minutes,
    min(minute) filter (where code = 'notified' and not by_day),
    min(minute) filter (where code = 'notified' and by_day),
    min(minute) filter (where code = 'acknowledged' and not by_day),
    min(minute) filter (where code = 'acknowledged' and by_day),
    min(minute) filter (where code = 'activated' and not by_day),
    min(minute) filter (where code = 'activated' and by_day),
    min(minute) filter (where code = 'staff_assembled' and not by_day),
    min(minute) filter (where code = 'staff_assembled' and by_day),
    min(minute) filter (where code = 'members_notified' and not by_day),
    min(minute) filter (where code = 'members_notified' and by_day),
    min(minute) filter (where code = 'first_sitrep' and not by_day),
    min(minute) filter (where code = 'first_sitrep' and by_day),
    min(minute) filter (where code = 'eei_requested' and not by_day),
    min(minute) filter (where code = 'eei_requested' and by_day),
    min(minute) filter (where code = 'eei_collected' and not by_day),
    min(minute) filter (where code = 'eei_collected' and by_day),
    min(minute) filter (where code = 'resource_requested' and not by_day),
    min(minute) filter (where code = 'resource_requested' and by_day),
    min(minute) filter (where code = 'resource_filled' and not by_day),
    min(minute) filter (where code = 'resource_filled' and by_day),
    min(minute) filter (where code = 'demobilized' and not by_day),
    min(minute) filter (where code = 'demobilized' and by_day),
    min(minute) filter (where code = 'hotwash_held' and not by_day),
    min(minute) filter (where code = 'hotwash_held' and by_day)
from stamp s
join warehouse.event e using (event_id)
left join warehouse.exercise x using (event_id)
group by e.event_id, x.time_limit_minutes
