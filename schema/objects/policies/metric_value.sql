-- Live rows are open to viewers of their region and to roles that see all detail. Released rows are open to everyone
-- else.
-- requires: functions/access/sees_all_detail
-- requires: functions/access/sees_detail
-- requires: functions/access/viewer_regions
-- requires: functions/access/known_region

create policy visible on bi.metric_value for select using (
    case
        when (select access.sees_all_detail()) then scope <> 'RELEASED'
        when scope = 'OPEN' then true
        when (select access.sees_detail()) and region_id = any ((select access.viewer_regions())::integer[])
            then scope = 'LIVE'
        else scope = 'RELEASED' and not (partial and (select access.known_region()) = -2)
    end
);
