-- Source of a document, and its numbers of exercises, incidents, ratings, findings, actions,
-- participants, milestones and hazard scores.
-- reads: meta.file, warehouse.capability_rating, warehouse.corrective_action_source,
--     warehouse.event, warehouse.event_source, warehouse.finding, warehouse.milestone,
--     warehouse.participation, warehouse.risk_score
-- binds: name
with file as (select file_id, source
    from meta.file
    where name = $1 and status = 'LOADED')
select (select max(source)
    from file), array[(select count(*)
    from warehouse.event_source t
    join warehouse.event e using (event_id)
    where e.kind = 'EXERCISE' and t.file_id in (select file_id
        from file)), (select count(*)
    from warehouse.event_source t
    join warehouse.event e using (event_id)
    where e.kind = 'INCIDENT' and t.file_id in (select file_id
        from file)), (select count(*)
    from warehouse.capability_rating t
    where t.file_id in (select file_id
        from file)), (select count(*)
    from warehouse.finding t
    where t.file_id in (select file_id
        from file)), (select count(*)
    from warehouse.corrective_action_source t
    where t.file_id in (select file_id
        from file)), (select count(*)
    from warehouse.participation t
    where t.file_id in (select file_id
        from file)), (select count(*)
    from warehouse.milestone t
    where t.file_id in (select file_id
        from file)), (select count(*)
    from warehouse.risk_score t
    where t.file_id in (select file_id
        from file))]
