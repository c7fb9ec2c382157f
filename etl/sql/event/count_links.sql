-- Counts events that link to others.
-- reads: merging
select count(*)
from merging
where detail is not null and jsonb_array_length(detail -> 'links') > 0
