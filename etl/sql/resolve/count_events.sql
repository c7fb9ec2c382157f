-- Counts references to events, and those by name.
-- reads: ref_event
select count(*), count(*) filter (where how = 'name')
from ref_event
