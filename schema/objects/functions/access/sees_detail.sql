-- requires: functions/access/viewer_role
-- requires: functions/access/viewer_regions

create function access.sees_detail() returns boolean
    language sql stable parallel safe
    as $$ select access.viewer_role() = 'REGION' and cardinality(access.viewer_regions()) > 0 $$;
comment on function access.sees_detail() is
    'Detail of some regions, of state-wide and of public records is open; a region login without a '
    'region sees none.';
