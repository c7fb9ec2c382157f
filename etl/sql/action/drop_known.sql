-- Drops reports that were stored before, and returns the number of their rows. With the same date
-- and content they change nothing, unless their owner has been added since.
-- writes: report_corrective_action
with gone as (
    delete from report_corrective_action
    where is_known
    returning weight)
select coalesce(sum(weight), 0)::bigint
from gone
