-- Completeness of reports, for each event with a report or findings: how many of the six parts that
-- depend on no action exist, and the days on which the other parts began and ended.
with finding as (
    select n.event_id, bool_and(n.reference is not null)::int as reference,
        bool_and(n.analysis is not null)::int as analysis,
        case when bool_and(n.opened_on is not null) then max(n.opened_on) end as answered_on
    from (
        select n.event_id, n.reference, n.analysis, min(c.opened_on) as opened_on
        from warehouse.finding n
        left join warehouse.corrective_action c using (finding_id)
        where n.kind = 'AREA_FOR_IMPROVEMENT' and {n.event_id}
        group by n.finding_id
    ) n
    group by 1
),
action as (
    select c.event_id, min(c.opened_on) as planned_on,
        min(c.opened_on) filter (where c.owner_organization_id <= 0) as ownerless_on,
        min(c.opened_on) filter (where c.start_on is null) as startless_on,
        min(c.opened_on) filter (where c.due_original_on is null) as dueless_on,
        min(c.opened_on) filter (where c.corrective_action_id not in (
            select k.corrective_action_id
            from warehouse.corrective_action_element k)) as elementless_on
    from warehouse.corrective_action c
    where {c.event_id}
    group by 1
),
stamp as (
    select m.event_id, min(m.occurred_at at time zone z.time_zone)::date as stamped_on
    from warehouse.milestone m
    join meta.event_time_zone z using (event_id)
    join warehouse.milestone_type y using (milestone_type_id)
    where y.code in ('aar_draft', 'aar_final') and {m.event_id}
    group by 1
),
owing as materialized (
    select e.event_id, e.narrative, r.has_overview, r.participants_listed,
        coalesce(least(r.draft_on, r.final_on), s.stamped_on, e.end_local_date, e.local_date)
            as reported_on
    from warehouse.event e
    left join warehouse.after_action_report r using (event_id)
    left join stamp s using (event_id)
    where {e.event_id} and e.owes_aar and (r.event_id is not null or e.event_id in (
            select n.event_id
            from warehouse.finding n
            where {n.event_id}))
)
select o.event_id, o.reported_on,
    ((coalesce(o.has_overview, x.scope is not null or o.narrative is not null))::int
        + (o.event_id in (
                select b.event_id
                from warehouse.objective b
                where b.capability_id > 0 and {b.event_id})
            or exists (
                select from warehouse.capability_rating c
                where c.event_id = o.event_id and c.subject is not null))::int
        + exists (select from warehouse.capability_rating c where c.event_id = o.event_id)::int
        + coalesce(f.reference, 0) + coalesce(f.analysis, 0)
        + (coalesce(o.participants_listed, false) or o.event_id in (
                select p.event_id
                from warehouse.participation p
                where {p.event_id}))::int)::int,
    f.answered_on, a.planned_on, a.ownerless_on, a.elementless_on, a.startless_on, a.dueless_on
from owing o
left join warehouse.exercise x using (event_id)
left join finding f using (event_id)
left join action a using (event_id)
