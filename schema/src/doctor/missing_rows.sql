-- Reads: pg_constraint, pg_attribute.
-- Returns: one row per reference between tables: the statement that counts its rows without a target.
select format('select count(*) as broken from only %s c where %s and not exists (select from only %s p where %s)', c.conrelid::regclass, (
    select string_agg(format('c.%I is not null', a.attname), ' and ')
    from unnest(c.conkey) k
    join pg_attribute a on a.attrelid = c.conrelid
        and a.attnum = k
), c.confrelid::regclass, (
    select string_agg(format('p.%I = c.%I', f.attname, a.attname), ' and ')
    from unnest(c.conkey, c.confkey) as k(own, other)
    join pg_attribute a on a.attrelid = c.conrelid
        and a.attnum = k.own
    join pg_attribute f on f.attrelid = c.confrelid
        and f.attnum = k.other
)) as statement
from pg_constraint c
where c.contype = 'f'
    and c.connamespace in ('warehouse'::regnamespace, 'meta'::regnamespace)
order by c.oid
