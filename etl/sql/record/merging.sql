-- New and changed records. The sequence is looked up once, not for each row.
-- reads: warehouse.{table}, {retained}
-- binds: source, qualified_table, key_name
select {columns}, coalesce(t.{key}, nextval((
        select pg_get_serial_sequence($2, $3)::regclass))) as id, t.{key} is null as is_new
from {retained} f
left join warehouse.{table} t on t.source = $1 and t.source_id = f.source_id
where {current} and (t.{key} is null or t.content_hash is distinct from f.content_hash
    {or_resolved})
