-- Applies to every table of the warehouse, and to the tables of meta from which answers are computed. A load and its
-- files that run or failed change no answer: only a loaded file raises the version.
-- requires: functions/meta/note_change

do $$
declare
    changed record;
begin
    for changed in
        select schemaname, tablename from pg_tables
        where schemaname = 'warehouse'
            or (schemaname = 'meta' and tablename in ('reject', 'warning', 'setting', 'release'))
    loop
        execute format(
            'create trigger note_change after insert or update or delete or truncate on %I.%I '
            'for each statement execute function meta.note_change()',
            changed.schemaname, changed.tablename);
    end loop;
end
$$;

create trigger note_change after insert or update on meta.file
    for each row when (new.status = 'LOADED') execute function meta.note_change();
create trigger note_deletion after delete on meta.file
    for each row when (old.status = 'LOADED') execute function meta.note_change();
create trigger note_truncation after truncate on meta.file
    for each statement execute function meta.note_change();
