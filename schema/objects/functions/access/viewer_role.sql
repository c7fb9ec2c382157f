-- requires: functions/access/owns_warehouse

create function access.viewer_role() returns text
    language sql stable parallel safe security definer set search_path = pg_catalog
    as $$
        select coalesce(
            (select role from access.bi_login where login = session_user),
            case when access.owns_warehouse()
                 then coalesce(nullif(current_setting('hotwash.viewer_role', true), ''), 'ADMIN') end,
            'VIEWER')
    $$;
comment on function access.viewer_role() is
    'Role of the viewer: a BI login''s own, or, for the owner''s connections only, the setting '
    'hotwash.viewer_role.';
