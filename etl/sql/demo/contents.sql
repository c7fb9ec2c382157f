-- Source of a document, and the number of its records by kind, with the words for one and many.
-- reads: meta.file, warehouse.capability_rating, warehouse.corrective_action_source,
--     warehouse.event, warehouse.event_source, warehouse.finding, warehouse.milestone,
--     warehouse.participation, warehouse.risk_score
-- binds: name
with file as (select file_id, source
    from meta.file
    where name = $1 and status = 'LOADED'), counted (place, one, many, records) as (select 1,
        'exercise', 'exercises', count(*)
    from warehouse.event_source t
    join warehouse.event e using (event_id)
    where e.kind = 'EXERCISE' and t.file_id in (select file_id
        from file)
    union all
    select 2, 'incident', 'incidents', count(*)
    from warehouse.event_source t
    join warehouse.event e using (event_id)
    where e.kind = 'INCIDENT' and t.file_id in (select file_id
        from file)
    union all
    select 3, 'rating', 'ratings', count(*)
    from warehouse.capability_rating t
    where t.file_id in (select file_id
        from file)
    union all
    select 4, 'finding', 'findings', count(*)
    from warehouse.finding t
    where t.file_id in (select file_id
        from file)
    union all
    select 5, 'action', 'actions', count(*)
    from warehouse.corrective_action_source t
    where t.file_id in (select file_id
        from file)
    union all
    select 6, 'participant', 'participants', count(*)
    from warehouse.participation t
    where t.file_id in (select file_id
        from file)
    union all
    select 7, 'milestone', 'milestones', count(*)
    from warehouse.milestone t
    where t.file_id in (select file_id
        from file)
    union all
    select 8, 'hazard score', 'hazard scores', count(*)
    from warehouse.risk_score t
    where t.file_id in (select file_id
        from file))
select (select max(source)
    from file), one, many, records
from counted
where records > 0
order by place
