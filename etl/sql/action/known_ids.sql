-- Actions of this file whose id a stored report of the same source has with another event and text, with that report's
-- event, text and file.
-- reads: meta.file, stage_action_report, warehouse.corrective_action_source
-- binds: source
select s.source_id, coalesce(s.event_ref, ''), s.text, coalesce(o.report ->> 'event_ref', ''), o.report ->> 'text', f.name
from stage_action_report s
cross join lateral (
    select k.report, k.file_id
    from warehouse.corrective_action_source k
    where k.source = $1 and k.source_id = s.source_id
    order by k.reported_on desc nulls last, k.corrective_action_source_id desc
    limit 1) o
join meta.file f on f.file_id = o.file_id
where s.source_id !~ '^[0-9a-f]{24}' and o.report ->> 'event_ref' is distinct from s.event_ref
    and o.report ->> 'text' <> s.text
