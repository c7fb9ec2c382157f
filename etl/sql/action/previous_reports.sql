-- Stored reports of this source about the events in the file.
-- reads: ref_event, stage_action_report, touched_action, warehouse.corrective_action,
--     warehouse.corrective_action_source
-- binds: source
select s.corrective_action_source_id, s.corrective_action_id, s.source_id, s.reported_on,
    s.report ->> 'event_ref' as event_ref, s.report -> 'withdrawn' is not null as withdrawn
from warehouse.corrective_action_source s
where s.source = $1 and s.reported_on is not null and s.corrective_action_id in (
    select a.corrective_action_id
    from warehouse.corrective_action a
    where a.event_id in (
        select r.event_id
        from ref_event r
        where r.ref in (
            select event_ref
            from stage_action_report))
    union
    select id
    from touched_action) and s.report ->> 'event_ref' in (
    select event_ref
    from stage_action_report)
