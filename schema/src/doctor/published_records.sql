-- Reads: bi.metric_value, meta.table_version.
-- Counts: one when records changed after metrics were published.
select count(*) as broken
from (
    select max(warehouse_version) as version
    from bi.metric_value
) as published, (
    select max(version) as version
    from meta.table_version
    where table_name like 'warehouse.%'
) as present
where published.version < present.version
