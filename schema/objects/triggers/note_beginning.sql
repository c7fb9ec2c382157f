-- Applies to the same tables as note_change.
-- requires: functions/meta/note_beginning

do $$
declare
    written record;
begin
    for written in
        select schemaname, tablename from pg_tables
        where schemaname = 'warehouse'
            or (schemaname = 'meta' and tablename in ('file', 'reject', 'warning', 'setting', 'release'))
    loop
        execute format(
            'create trigger note_beginning before insert or update or delete or truncate on %I.%I '
            'for each statement execute function meta.note_beginning()',
            written.schemaname, written.tablename);
    end loop;
end
$$;
