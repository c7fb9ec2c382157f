drop policy visible on bi.metric_value;
delete from bi.metric_value;
alter table bi.metric_value drop column scope, drop column partial, add column withheld_from integer[] not null default '{}';
create policy visible on bi.metric_value for select using (
    (select access.sees_all_detail())
    or ((select access.sees_detail()) and region_id = any ((select access.viewer_regions())::integer[]))
    or not ((select access.known_region()) = any (withheld_from)));
drop table meta.release;
