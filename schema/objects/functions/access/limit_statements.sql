-- Called by `hotwash bi grant`, also for an existing login.

create function access.limit_statements(login text, seconds integer) returns void
    language plpgsql
    as $$
begin
    execute format(
        'alter role %I in database %I set statement_timeout = %L', login, current_database(), seconds || 's');
end
$$;
comment on function access.limit_statements(text, integer) is
    'Limits the time that one statement of a login may take; runs with the rights of its caller.';
