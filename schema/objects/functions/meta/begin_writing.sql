-- Postgres counts rows regardless of writers and disabled triggers, and stores no rows for a trigger.

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
comment on function meta.begin_writing(regclass) is
    'Stores the counters of a table from before this transaction wrote into it. Triggers call it; code '
    'that disables triggers calls it first.';
