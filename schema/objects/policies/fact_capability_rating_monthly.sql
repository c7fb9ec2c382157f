-- Sums are open to viewers of the ratings behind them.
-- requires: functions/access/sees_all_detail
-- requires: functions/access/sees_detail
-- requires: functions/access/viewer_regions

create policy visible on bi.fact_capability_rating_monthly for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail())
        and (is_open or event_region_ids && (select access.viewer_regions())))
);
