-- References to events, split into kind, key and day.
-- reads: {references}
-- fills: ref_event
select distinct ref, split_part(ref, chr(31), 1) as how, split_part(ref, chr(31), 2) as key,
    nullif(split_part(ref, chr(31), 3), '')::date as held_on, null::bigint as event_id
from {references} n
where ref is not null
