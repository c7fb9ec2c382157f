-- Applies to every table of the warehouse, and to the tables of meta from which answers are computed.
-- requires: functions/meta/note_change

do $$
declare
    changed record;
begin
    for changed in
        select schemaname, tablename from pg_tables
        where schemaname = 'warehouse'
            or (schemaname = 'meta' and tablename in ('batch', 'file', 'reject', 'warning', 'setting', 'release'))
    loop
        execute format(
            'create trigger note_change after insert or update or delete or truncate on %I.%I '
            'for each statement execute function meta.note_change()',
            changed.schemaname, changed.tablename);
    end loop;
end
$$;
