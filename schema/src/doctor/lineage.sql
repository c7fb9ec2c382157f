-- Reads: pg_class, pg_attribute.
-- Returns: one row per table with a file: the statement that counts its records without a loaded file.
select format('select count(*) as broken from warehouse.%I r where r.file_id is not null and not exists (select from meta.file f where f.file_id = r.file_id and f.batch_id = r.batch_id and f.status = ''LOADED'')', t.relname) as statement
from pg_class t
join pg_attribute a on a.attrelid = t.oid
    and a.attname = 'file_id'
    and not a.attisdropped
where t.relnamespace = 'warehouse'::regnamespace
    and t.relkind in ('r', 'p')
order by t.relname
