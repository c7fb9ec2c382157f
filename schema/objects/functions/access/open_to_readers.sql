-- Called by each grant of a login and each migration, so that the logins can read new tables and views.
-- requires: views/access/visible_event

create function access.open_to_readers(reader name) returns void
    language plpgsql
    as $$
begin
    execute format('grant usage on schema bi, warehouse, access to %I', reader);
    execute format('grant select on all tables in schema bi, warehouse to %I', reader);
    execute format('grant select on access.visible_event to %I', reader);
    execute format('alter default privileges in schema bi grant select on tables to %I', reader);
end
$$;
comment on function access.open_to_readers(name) is
    'Lets a role read the star schema and the tables beneath it; row-level security decides which rows.';
