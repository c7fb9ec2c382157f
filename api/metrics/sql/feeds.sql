-- State of each expected feed: its newest record, its records within one cadence up to that day, the expected headings
-- that its newest file lacks, and the tables with its records. Days in the future are plans, not records.
-- binds: sources, regions, months, days, headings
with expected as materialized (
    select *
    from unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[]) with ordinality
        as e (source, region, months, days, headings, number)
), record as materialized (
    select s.source, 'event' as kind, s.event_id as id, r.code as region, e.local_date as day
    from warehouse.event_source s
    join warehouse.event e using (event_id)
    left join (
        warehouse.event_region er
        join warehouse.region r using (region_id)
        join warehouse.region_scheme c on c.region_scheme_id = r.region_scheme_id and c.code = meta.region_scheme()
    ) on er.event_id = e.event_id
    where s.source = any ($1) and e.local_date <= current_date
    union all
    select s.source, 'action', a.corrective_action_id, r.code, coalesce(s.reported_on, a.opened_on)
    from warehouse.corrective_action_source s
    join warehouse.corrective_action a using (corrective_action_id)
    join warehouse.region r using (region_id)
    where s.source = any ($1) and coalesce(s.reported_on, a.opened_on) <= current_date
    union all
    select a.source, 'assessment', a.risk_assessment_id, r.code, a.assessed_on
    from warehouse.risk_assessment a
    join warehouse.region r using (region_id)
    where a.source = any ($1) and a.assessed_on <= current_date
)
select e.number, n.newest, (
        select count(distinct (r.kind, r.id))
        from record r
        where r.source = e.source and e.region in ('', r.region) and r.day <= n.newest
            and r.day > n.newest - make_interval(months => e.months, days => e.days)
    ), array(
        select h.heading
        from unnest(string_to_array(e.headings, chr(10))) as h (heading)
        where f.file_id is not null and h.heading <> '' and not exists (
            select from meta.file_column k where k.file_id = f.file_id and lower(k.heading) = lower(h.heading))
    ), array(
        select t.name
        from (values
            ('warehouse.event', exists (select from warehouse.event_source s where s.source = e.source)),
            ('warehouse.incident', exists (
                select from warehouse.event_source s join warehouse.incident using (event_id) where s.source = e.source)),
            ('warehouse.exercise', exists (
                select from warehouse.event_source s join warehouse.exercise using (event_id) where s.source = e.source)),
            ('warehouse.after_action_report', exists (
                select from warehouse.event_source s join warehouse.after_action_report using (event_id)
                where s.source = e.source)),
            ('warehouse.corrective_action', exists (
                select from warehouse.corrective_action_source s where s.source = e.source)),
            ('warehouse.capability_rating', exists (
                select from warehouse.capability_rating s where s.source = e.source)),
            ('warehouse.finding', exists (select from warehouse.finding s where s.source = e.source)),
            ('warehouse.participation', exists (select from warehouse.participation s where s.source = e.source)),
            ('warehouse.milestone', exists (select from warehouse.milestone s where s.source = e.source)),
            ('warehouse.resource_request', exists (select from warehouse.resource_request s where s.source = e.source)),
            ('warehouse.information_request', exists (
                select from warehouse.information_request s where s.source = e.source)),
            ('warehouse.risk_assessment', exists (select from warehouse.risk_assessment s where s.source = e.source))
        ) as t (name, found)
        where t.found
    )
from expected e
left join lateral (
    select max(r.day) as newest from record r where r.source = e.source and e.region in ('', r.region)
) n on true
left join lateral (
    select max(l.file_id) as file_id from meta.file l where l.source = e.source and l.status = 'LOADED'
) f on true
order by e.number
