-- Final reports: by the day that the report states, or else by the first time stamp of it, as metrics count them.
select a.event_id, a.final_on, a.batch_id, a.file_id, a.source_row, 'event' as record_type,
    a.event_id as record_id
from warehouse.after_action_report a
where a.final_on is not null
union all
select m.event_id, (m.occurred_at at time zone z.time_zone)::date, m.batch_id, m.file_id,
    m.source_row, 'milestone', m.milestone_id
from warehouse.milestone m
join warehouse.milestone_type y on y.milestone_type_id = m.milestone_type_id
join meta.event_time_zone z on z.event_id = m.event_id
where y.code = 'aar_final' and {stamps} and not exists (
    select
    from warehouse.after_action_report a
    where a.event_id = m.event_id and a.final_on is not null) and not exists (
    select
    from warehouse.milestone f
    where f.event_id = m.event_id and f.milestone_type_id = m.milestone_type_id
        and (f.occurred_at, f.milestone_id) < (m.occurred_at, m.milestone_id))
