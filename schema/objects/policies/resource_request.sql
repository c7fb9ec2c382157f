-- Resource requests are open only to viewers of their region.
-- requires: functions/access/sees_all_detail
-- requires: functions/access/sees_detail
-- requires: functions/access/viewer_regions

create policy visible on warehouse.resource_request for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail()) and {{own of resource_request}})
);
