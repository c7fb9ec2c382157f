-- Foreign keys of a table, each with the referenced table, the columns and the referenced columns.
-- binds: qualified_table
select n.nspname::text, t.relname::text,
    array(select a.attname::text
        from unnest(c.conkey) with ordinality as k(number, place)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
        order by k.place),
    array(select a.attname::text
        from unnest(c.confkey) with ordinality as k(number, place)
        join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number
        order by k.place)
from pg_constraint c
join pg_class t on t.oid = c.confrelid
join pg_namespace n on n.oid = t.relnamespace
where c.contype = 'f' and c.conrelid = $1::text::regclass
