do $$
declare
    changed record;
begin
    for changed in select t.tgrelid::regclass as name from pg_trigger t where t.tgname = 'note_beginning' loop
        execute format('drop trigger note_beginning on %s', changed.name);
    end loop;
end
$$;
drop function meta.note_beginning();
drop function meta.begin_writing(regclass);

create or replace function meta.note_change() returns trigger
    language plpgsql
    as $$
declare
    changed text := tg_table_schema || '.' || tg_table_name;
    marker text := 'hotwash.changed_' || md5(changed);
    present text := pg_current_xact_id()::text;
begin
    -- Once a transaction and table: the marker lives as long as the transaction.
    if current_setting(marker, true) is distinct from present then
        perform set_config(marker, present, true);
        if current_setting('hotwash.version_xid', true) is distinct from present then
            perform set_config('hotwash.version_xid', present, true);
            perform set_config('hotwash.version', nextval('meta.warehouse_version_seq')::text, true);
        end if;
        insert into meta.table_version as known (table_name, version, changed_at)
        values (changed, current_setting('hotwash.version')::bigint, now())
        on conflict (table_name) do update set version = case when excluded.version > known.version then excluded.version else nextval('meta.warehouse_version_seq') end, changed_at = excluded.changed_at;
        perform pg_notify('hotwash_changed', '');
    end if;
    return null;
end
$$;
comment on function meta.note_change() is 'Raises a table''s version once a transaction and notifies hotwash_changed.';

alter table meta.table_version drop column rewritten, drop column inserted;
