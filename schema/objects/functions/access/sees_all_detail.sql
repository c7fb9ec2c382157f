-- requires: functions/access/viewer_role

create function access.sees_all_detail() returns boolean
    language sql stable parallel safe
    as $$ select access.viewer_role() in ('ADMIN', 'ANALYST') $$;
comment on function access.sees_all_detail() is 'Detail of all regions is open.';
