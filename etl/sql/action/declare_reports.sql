-- Reads the reports of touched actions in date order. On the same day, a plan comes before the
-- trackers that follow it up.
-- reads: meta.file, touched_action, warehouse.corrective_action_source, warehouse.event
declare reports cursor for
select s.corrective_action_id, s.report::text, coalesce(s.reported_on, l.started_at::date),
    s.batch_id, s.file_id, s.source_row, coalesce(e.end_local_date, e.local_date), s.source,
    s.source_id
from touched_action t
join warehouse.corrective_action_source s on s.corrective_action_id = t.id
join meta.file l on l.file_id = s.file_id
left join warehouse.event e on e.event_id = (s.report ->> 'event_id')::bigint
order by s.corrective_action_id, coalesce(s.reported_on, l.started_at::date),
    (s.report -> 'withdrawn') is not null, s.source <> 'hseep_aar_docx', s.source, s.source_id
