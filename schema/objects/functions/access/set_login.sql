-- Called by `hotwash bi grant`, in the transaction that records the login.
-- requires: functions/access/open_to_readers
-- requires: functions/access/limit_statements

create function access.set_login(login text, password text, note text, seconds integer) returns void
    language plpgsql
    as $$
declare
    verb text := case when exists (select from pg_roles where rolname = login) then 'alter' else 'create' end;
begin
    execute format(
        '%s role %I with login nosuperuser nocreatedb nocreaterole noinherit connection limit 20 password %L',
        verb, login, password);
    execute format('comment on role %I is %L', login, note);
    execute format('alter role %I in database %I set default_transaction_read_only = on', login, current_database());
    execute format('alter role %I in database %I set idle_in_transaction_session_timeout = ''5min''', login, current_database());
    execute format('alter role %I in database %I set jit = off', login, current_database());
    execute format('alter role %I in database %I set search_path = bi', login, current_database());
    perform access.limit_statements(login, seconds);
    -- Limit for sorts on disk. Only superusers and roles with this privilege may set it.
    if has_parameter_privilege('temp_file_limit', 'set') then
        execute format('alter role %I set temp_file_limit = ''4GB''', login);
    end if;
    perform access.open_to_readers(login::name);
end
$$;
comment on function access.set_login(text, text, text, integer) is
    'Makes a role a read-only login with this password and limit of seconds for a statement; runs with the rights of its caller.';
