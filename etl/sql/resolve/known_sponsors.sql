-- References to sponsors that earlier documents named.
-- reads: merging
select detail -> 'exercise' ->> 'sponsor' as ref
from merging
