-- Stores the exercise part of events, even if the document has no details.
-- reads: merging, ref_organization
-- writes: warehouse.exercise
insert into warehouse.exercise (event_id, exercise_type_id, sponsor_organization_id, program,
        scope, scenario, time_limit_minutes)
select m.event_id, coalesce((x ->> 'type')::int, -1), coalesce(o.organization_id, -1), x ->>
    'program', x ->> 'scope', x ->> 'scenario', (x ->> 'time_limit_minutes')::int
from merging m
cross join lateral (select nullif(m.detail -> 'exercise', 'null') as x) as part
left join ref_organization o on o.ref = x ->> 'sponsor'
where m.kind = 'EXERCISE'
order by 1
