-- Stores the objectives of exercises.
-- reads: merging
-- writes: warehouse.objective
insert into warehouse.objective (event_id, number, text, capability_id)
select m.event_id, (o ->> 'number')::int, o ->> 'text', (o ->> 'capability')::int
from merging m
cross join lateral jsonb_array_elements(m.detail -> 'objectives') as o
where m.detail is not null
order by 1, 2
on conflict do nothing
