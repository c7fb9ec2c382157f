-- Reads: record_version.
-- Returns: one row per record type: the statement that counts its versions without a record.
select format('select count(*) as broken from warehouse.record_version v where v.record_type = %L and not exists (select from warehouse.%I r where r.%I = v.record_id)', record_type, record_type, record_type || '_id') as statement
from (
    select distinct record_type
    from warehouse.record_version
) as versioned
order by record_type
