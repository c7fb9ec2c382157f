-- References to the sponsors of exercises.
-- reads: stage_event
select detail -> 'exercise' ->> 'sponsor' as ref
from stage_event
where detail is not null
