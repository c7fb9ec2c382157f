-- Reads: the catalogs. Returns the name of each object, as `drop` expects it, and a digest of its definition with its
-- comments. Grants are excluded, because each warehouse has its own logins. Publication generates the views of metrics
-- from their definitions.
select
    format('view %I.%I', n.nspname, c.relname) as name,
    md5(concat_ws(
        E'\n',
        pg_get_viewdef(c.oid),
        array_to_string(c.reloptions, ','),
        obj_description(c.oid, 'pg_class'),
        (
            select string_agg(
                concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)),
                E'\n' order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
        )
    )) as digest
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'v' and n.nspname in ('warehouse', 'meta', 'bi', 'access')
union all
select
    format('function %s', p.oid::regprocedure),
    md5(concat_ws(E'\n', pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc')))
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where p.prokind = 'f' and n.nspname in ('warehouse', 'meta', 'bi', 'access')
union all
select
    format('trigger %I on %I.%I', t.tgname, n.nspname, c.relname),
    md5(concat_ws(E'\n', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger')))
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal and n.nspname in ('warehouse', 'meta', 'bi', 'access')
union all
select
    format('policy %I on %I.%I', p.polname, n.nspname, c.relname),
    md5(concat_ws(
        E'\n',
        p.polcmd,
        p.polpermissive,
        (select string_agg(pg_get_userbyid(r)::text, ',' order by r) from unnest(p.polroles) r),
        pg_get_expr(p.polqual, p.polrelid),
        'check ' || pg_get_expr(p.polwithcheck, p.polrelid),
        obj_description(p.oid, 'pg_policy')
    ))
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('warehouse', 'meta', 'bi', 'access')
