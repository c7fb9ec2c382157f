-- requires: functions/access/sees_all_detail
{{requires}}
create policy visible on warehouse.{{name}} for select using (
    (select access.sees_all_detail()) or ({{condition}})
);
