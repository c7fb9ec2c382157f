-- Called by `hotwash bi revoke`, in the transaction that deletes the login.

create function access.drop_login(login text) returns void
    language plpgsql
    as $$
begin
    if exists (select from pg_roles where rolname = login) then
        execute format('alter role %I nologin', login);
        execute format('drop owned by %I', login);
        execute format('drop role %I', login);
    end if;
end
$$;
comment on function access.drop_login(text) is
    'Drops a login and its rights, when it exists; runs with the rights of its caller.';
