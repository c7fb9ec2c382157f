create function access.owns_warehouse() returns boolean
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$
        select pg_has_role(
            session_user, (select nspowner from pg_namespace where nspname = 'warehouse'), 'MEMBER')
    $$;
comment on function access.owns_warehouse() is
    'The session belongs to the warehouse''s owner, who may act for any viewer.';
