-- Enables row-level security on each table with a policy. Without it, Postgres ignores the policy.
do $$
declare
    secured regclass;
begin
    for secured in
        select distinct c.oid::regclass
        from pg_policy p
        join pg_class c on c.oid = p.polrelid
        join pg_namespace n on n.oid = c.relnamespace
        where not c.relrowsecurity and n.nspname in ('warehouse', 'meta', 'bi', 'access')
    loop
        execute format('alter table %s enable row level security', secured);
    end loop;
end
$$;
