-- Reads: pg_constraint, pg_trigger.
-- Counts: the references that are not validated, or whose triggers are off.
select count(*) as broken
from pg_constraint c
where c.contype = 'f'
    and c.connamespace in ('warehouse'::regnamespace, 'meta'::regnamespace)
    and (not c.convalidated or exists (
    select
    from pg_trigger t
    where t.tgconstraint = c.oid
        and t.tgenabled <> 'O'
))
