do $$
declare
    one record;
begin
    for one in select schemaname, tablename from pg_policies where policyname = 'visible' and schemaname in ('warehouse', 'bi') loop
        execute format('drop policy visible on %I.%I', one.schemaname, one.tablename);
        execute format('alter table %I.%I disable row level security', one.schemaname, one.tablename);
    end loop;
end
$$;
drop function access.open_to_readers(name);
drop view access.small_cell;
drop view access.visible_event;
drop function access.sees_detail();
drop function access.sees_all_detail();
drop function access.viewer_regions();
drop function access.viewer_role();
drop function access.owns_warehouse();
