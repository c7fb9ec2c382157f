-- Reads: bi.metric_value, meta.warehouse_version().
-- Counts: the published values of a version that the warehouse has not reached.
select count(*) as broken
from bi.metric_value
where warehouse_version > meta.warehouse_version()
