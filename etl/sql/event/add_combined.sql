-- Adds combined events.
-- writes: merging
-- binds: events
insert into merging
select *
from jsonb_populate_recordset(null::merging, $1)
