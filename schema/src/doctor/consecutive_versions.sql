-- Reads: record_version.
-- Counts: the versions of records that overlap with the version before.
select count(*) as broken
from (
    select valid_from < lag(valid_to) over (partition by record_type, record_id order by valid_to) as is_early
    from warehouse.record_version
) as version
where is_early
