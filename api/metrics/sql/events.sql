-- Events with the day of their final report, and how many organizations and disciplines took part.
select e.event_id, e.owes_aar, a.final_on, m.final_on, coalesce(p.present, 0)::int,
    coalesce(p.state_core, 0)::int, coalesce(p.hpp_core, 0)::int
from warehouse.event e
left join warehouse.after_action_report a using (event_id)
left join (
    select m.event_id, min(m.occurred_at at time zone z.time_zone)::date as final_on
    from warehouse.milestone m
    join meta.event_time_zone z using (event_id)
    join warehouse.milestone_type y using (milestone_type_id)
    where y.code = 'aar_final' and {m.event_id}
    group by 1
) m using (event_id)
left join (
    select p.event_id, count(*) as present,
        count(distinct d.code) filter (where d.state_core and o.organization_id > 0) as state_core,
        count(distinct d.code) filter (where d.hpp_core and o.organization_id > 0) as hpp_core
    from warehouse.participation p
    join warehouse.organization o using (organization_id)
    join warehouse.discipline d using (discipline_id)
    where {p.event_id}
    group by 1
) p using (event_id)
where {e.event_id}
