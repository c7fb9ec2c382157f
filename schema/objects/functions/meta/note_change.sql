-- Each transaction that changes a table raises that table's version once, and notifies hotwash_changed when it commits.
-- Servers then load a new snapshot. A transaction that began first and ends last draws a lower number. The version must
-- still rise, or servers would use an outdated copy of the table.

create function meta.note_change() returns trigger
    language plpgsql
    as $$
declare
    changed text := tg_table_schema || '.' || tg_table_name;
    marker text := 'hotwash.changed_' || tg_relid;
    counter text := 'hotwash.written_' || tg_relid;
    present text := pg_current_xact_id()::text;
    counted text[] := string_to_array(coalesce(current_setting(counter, true), ''), ' ');
    now_inserted bigint := pg_stat_get_xact_tuples_inserted(tg_relid);
    now_rewritten bigint :=
        pg_stat_get_xact_tuples_updated(tg_relid) + pg_stat_get_xact_tuples_deleted(tg_relid);
    more_inserted bigint := 0;
    more_rewritten bigint := 1;
begin
    if counted[1] = present and tg_op <> 'TRUNCATE' and current_setting('track_counts')::boolean
        and now_inserted >= counted[2]::bigint and now_rewritten >= counted[3]::bigint then
        more_inserted := now_inserted - counted[2]::bigint;
        more_rewritten := now_rewritten - counted[3]::bigint;
    end if;
    perform set_config(counter, concat_ws(' ', present, now_inserted, now_rewritten), true);
    -- A statement without rows changes nothing. Deleting no rows reports changes made while this trigger was disabled:
    -- the version rises. Without counted rows, anything may have changed.
    if more_inserted = 0 and more_rewritten = 0 and tg_op in ('INSERT', 'UPDATE') then
        return null;
    end if;
    -- One version per transaction and table. The marker exists until the transaction ends.
    if current_setting(marker, true) is distinct from present then
        perform set_config(marker, present, true);
        if current_setting('hotwash.version_xid', true) is distinct from present then
            perform set_config('hotwash.version_xid', present, true);
            perform set_config('hotwash.version', nextval('meta.warehouse_version_seq')::text, true);
        end if;
        insert into meta.table_version as known (table_name, version, changed_at, inserted, rewritten)
        values (changed, current_setting('hotwash.version')::bigint, now(), more_inserted, more_rewritten)
        on conflict (table_name) do update set
            version = case when excluded.version > known.version then excluded.version
                           else nextval('meta.warehouse_version_seq') end,
            changed_at = excluded.changed_at,
            inserted = known.inserted + excluded.inserted,
            rewritten = known.rewritten + excluded.rewritten;
        perform pg_notify('hotwash_changed', '');
    elsif more_inserted > 0 or more_rewritten > 0 then
        update meta.table_version
        set inserted = inserted + more_inserted, rewritten = rewritten + more_rewritten
        where table_name = changed;
    end if;
    return null;
end
$$;
comment on function meta.note_change() is
    'Raises a table''s version once a transaction, adds up the rows written, and notifies hotwash_changed.';
