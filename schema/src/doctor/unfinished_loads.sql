-- Reads: meta.batch.
-- Counts: the loads that have run for more than a day.
select count(*) as broken
from meta.batch
where status = 'RUNNING'
    and started_at < now() - interval '1 day'
