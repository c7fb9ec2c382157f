-- requires: functions/access/sees_all_detail
-- requires: functions/access/viewer_regions
{{requires}}
create policy visible on warehouse.record_version for select using (
    (select access.sees_all_detail())
    or ((is_open or region_ids && (select access.viewer_regions()))
        and case record_type{{records}}
        end)
);
