-- Reads: pg_tables, pg_trigger.
-- Counts: the tables of the warehouse without an enabled trigger note_change.
select count(*) as broken
from pg_tables t
where schemaname = 'warehouse'
    and not exists (
    select
    from pg_trigger g
    where g.tgrelid = format('%I.%I', t.schemaname, t.tablename)::regclass
        and g.tgname = 'note_change'
        and g.tgenabled = 'O'
)
