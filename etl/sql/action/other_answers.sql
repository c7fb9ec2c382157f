-- Values of the file's answers that differ from a report of another day since the request, each with
-- its column and row, the other value and its day, and whether that day is later.
-- reads: report_corrective_action, warehouse.corrective_action_source, warehouse.tracker_request
select distinct on (v.place, f.source_row) v.field, f.source_row, v.stated, v.other,
    s.reported_on, s.reported_on > f.reported_on
from report_corrective_action f
join warehouse.tracker_request t on t.source_id = f.request_id
join warehouse.corrective_action_source s on s.corrective_action_id = f.id
cross join lateral (
    values (1, 'Status', f.status, s.report ->> 'status'),
        (2, 'Due Date', f.due_on::text, s.report ->> 'due_on'),
        (3, 'Completed On', f.completed_on::text,
            s.report ->> 'completed_on')) as v(place, field, stated, other)
where s.reported_on <> f.reported_on and s.reported_on > t.asked_on and v.stated <> v.other
order by v.place, f.source_row, s.reported_on desc
