-- Reads: pg_policies, pg_class.
-- Counts: the policies of tables whose row-level security is off.
select count(*) as broken
from pg_policies p
join pg_class c on c.oid = format('%I.%I', p.schemaname, p.tablename)::regclass
where not c.relrowsecurity
