-- Reads: pg_index, pg_class.
-- Counts: the indexes that are invalid or not ready.
select count(*) as broken
from pg_index i
join pg_class c on c.oid = i.indexrelid
where c.relnamespace in ('warehouse'::regnamespace, 'meta'::regnamespace, 'bi'::regnamespace, 'access'::regnamespace)
    and not (i.indisvalid and i.indisready)
