-- How many rows were ever written into a table, and how many of it were changed or taken away: who has read it before knows from
-- both, without reading it again, whether it has only grown since and by how much.

alter table meta.table_version add column inserted bigint not null default 0, add column rewritten bigint not null default 0;
comment on column meta.table_version.inserted is 'Rows inserted since this is counted.';
comment on column meta.table_version.rewritten is 'Rows updated or deleted since this is counted; a truncation counts as one, as does each statement where Postgres does not count (track_counts).';

-- What Postgres has counted of a table in this session before this transaction wrote into it. It counts rows whoever writes them
-- and whatever triggers sleep, without keeping them for a trigger to see.
create function meta.begin_writing(written regclass) returns void
    language plpgsql
    as $$
declare
    counter text := 'hotwash.written_' || written::oid;
    present text := pg_current_xact_id()::text;
begin
    if split_part(coalesce(current_setting(counter, true), ''), ' ', 1) <> present then
        perform set_config(counter, concat_ws(' ', present, pg_stat_get_xact_tuples_inserted(written),
            pg_stat_get_xact_tuples_updated(written) + pg_stat_get_xact_tuples_deleted(written)), true);
    end if;
end
$$;
comment on function meta.begin_writing(regclass) is 'Keeps what was counted of a table before this transaction wrote into it; triggers do so, and who puts them to sleep asks for it first.';

create function meta.note_beginning() returns trigger
    language plpgsql
    as $$
begin
    perform meta.begin_writing(tg_relid);
    return null;
end
$$;
comment on function meta.note_beginning() is 'Keeps what was counted of a table before a statement.';

create or replace function meta.note_change() returns trigger
    language plpgsql
    as $$
declare
    changed text := tg_table_schema || '.' || tg_table_name;
    marker text := 'hotwash.changed_' || tg_relid;
    counter text := 'hotwash.written_' || tg_relid;
    present text := pg_current_xact_id()::text;
    counted text[] := string_to_array(coalesce(current_setting(counter, true), ''), ' ');
    now_inserted bigint := pg_stat_get_xact_tuples_inserted(tg_relid);
    now_rewritten bigint := pg_stat_get_xact_tuples_updated(tg_relid) + pg_stat_get_xact_tuples_deleted(tg_relid);
    more_inserted bigint := 0;
    more_rewritten bigint := 1;
begin
    if counted[1] = present and tg_op <> 'TRUNCATE' and current_setting('track_counts')::boolean
        and now_inserted >= counted[2]::bigint and now_rewritten >= counted[3]::bigint then
        more_inserted := now_inserted - counted[2]::bigint;
        more_rewritten := now_rewritten - counted[3]::bigint;
    end if;
    perform set_config(counter, concat_ws(' ', present, now_inserted, now_rewritten), true);
    -- A statement that found nothing to write changes nothing. A deletion without rows is what wakes this trigger after it slept:
    -- the version rises, and where no row was counted, anything may have changed.
    if more_inserted = 0 and more_rewritten = 0 and tg_op in ('INSERT', 'UPDATE') then
        return null;
    end if;
    -- A version once a transaction and table: the marker lives as long as the transaction.
    if current_setting(marker, true) is distinct from present then
        perform set_config(marker, present, true);
        if current_setting('hotwash.version_xid', true) is distinct from present then
            perform set_config('hotwash.version_xid', present, true);
            perform set_config('hotwash.version', nextval('meta.warehouse_version_seq')::text, true);
        end if;
        insert into meta.table_version as known (table_name, version, changed_at, inserted, rewritten)
        values (changed, current_setting('hotwash.version')::bigint, now(), more_inserted, more_rewritten)
        on conflict (table_name) do update set
            version = case when excluded.version > known.version then excluded.version else nextval('meta.warehouse_version_seq') end,
            changed_at = excluded.changed_at, inserted = known.inserted + excluded.inserted, rewritten = known.rewritten + excluded.rewritten;
        perform pg_notify('hotwash_changed', '');
    elsif more_inserted > 0 or more_rewritten > 0 then
        update meta.table_version set inserted = inserted + more_inserted, rewritten = rewritten + more_rewritten where table_name = changed;
    end if;
    return null;
end
$$;
comment on function meta.note_change() is 'Raises a table''s version once a transaction, adds up the rows written, and notifies hotwash_changed.';

do $$
declare
    changed record;
begin
    for changed in
        select t.tgrelid::regclass as name from pg_trigger t where t.tgname = 'note_change' and t.tgfoid = 'meta.note_change()'::regprocedure
    loop
        execute format(
            'create trigger note_beginning before insert or update or delete or truncate on %s for each statement execute function meta.note_beginning()',
            changed.name);
    end loop;
end
$$;
