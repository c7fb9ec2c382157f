-- requires: functions/access/sees_detail
-- requires: functions/access/viewer_regions

create function access.known_region() returns integer
    language sql stable parallel safe
    as $$
        select case when not access.sees_detail() then 0
                    when cardinality(access.viewer_regions()) = 1 then (access.viewer_regions())[1]
                    else -2 end
    $$;
comment on function access.known_region() is
    'The one region whose detail the viewer may read; 0 for none, -2 for several.';
