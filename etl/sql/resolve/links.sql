-- References to linked events.
-- reads: stage_event
select link ->> 'event' as ref
from stage_event
cross join lateral jsonb_array_elements(detail -> 'links') as link
where detail is not null
