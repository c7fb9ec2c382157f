-- Rows of the file that state no day of their own and describe an earlier one than they did when they
-- were loaded before: a column, its value, the row, the stored value, and both days.
-- reads: report_corrective_action, warehouse.corrective_action_source
-- binds: source
select distinct on (f.source_row) v.field, coalesce(v.stated, ''), f.source_row,
    coalesce(v.other, ''), f.reported_on, s.reported_on
from report_corrective_action f
join warehouse.corrective_action_source s on s.source = $1 and s.source_id = f.source_id and
    s.reported_on > f.reported_on
cross join lateral (
    values (1, 'status', f.status, s.report ->> 'status'),
        (2, 'due_on', f.due_on::text, s.report ->> 'due_on'),
        (3, 'completed_on', f.completed_on::text,
            s.report ->> 'completed_on')) as v(place, field, stated, other)
where f.is_undated and v.stated is distinct from v.other
order by f.source_row, s.reported_on desc, v.place
