-- Sums are open to viewers of the actions behind them.
-- requires: functions/access/sees_all_detail
-- requires: functions/access/sees_detail
-- requires: functions/access/viewer_regions

create policy visible on bi.action_change_daily for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail())
        and (is_open or region_id = any ((select access.viewer_regions())::integer[])
            or event_region_ids && (select access.viewer_regions())))
);
