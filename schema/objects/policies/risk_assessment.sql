-- Public assessments are open to everyone, others to viewers of their region.
-- requires: functions/access/sees_all_detail
-- requires: functions/access/sees_detail
-- requires: functions/access/viewer_regions

create policy visible on warehouse.risk_assessment for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail()) and {{public_or_own of risk_assessment}})
);
