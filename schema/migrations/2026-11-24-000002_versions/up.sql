-- Versions: every transaction that changes a table of the warehouse raises that table's counter once and,
-- at its commit, wakes whoever listens on hotwash_changed (servers swap in a new snapshot).

create sequence meta.warehouse_version_seq;
comment on sequence meta.warehouse_version_seq is 'Number of the warehouse''s present version; raised by each transaction that changes it.';

create function meta.warehouse_version() returns bigint
    language sql stable
    as $$ select coalesce(max(version), 0) from meta.table_version $$;
comment on function meta.warehouse_version() is 'Version of the warehouse: the highest version of any table.';

create function meta.note_change() returns trigger
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
        on conflict (table_name) do update set version = greatest(known.version, excluded.version), changed_at = excluded.changed_at;
        perform pg_notify('hotwash_changed', '');
    end if;
    return null;
end
$$;
comment on function meta.note_change() is 'Raises a table''s version once a transaction and notifies hotwash_changed.';

do $$
declare
    changed record;
begin
    for changed in
        select schemaname, tablename from pg_tables
        where schemaname = 'warehouse' or (schemaname = 'meta' and tablename in ('file', 'reject', 'warning', 'setting'))
    loop
        execute format(
            'create trigger note_change after insert or update or delete or truncate on %I.%I for each statement execute function meta.note_change()',
            changed.schemaname, changed.tablename);
    end loop;
end
$$;
