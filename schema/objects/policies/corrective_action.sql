-- The action's own sensitivity decides, regardless of its event's.
-- requires: functions/access/sees_all_detail
-- requires: functions/access/sees_detail
-- requires: functions/access/viewer_regions

create policy visible on warehouse.corrective_action for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail()) and {{action of corrective_action}})
);
