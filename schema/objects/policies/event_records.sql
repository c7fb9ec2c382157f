-- Events and their parts.
-- requires: functions/access/sees_all_detail
-- requires: views/access/visible_event

do $$
declare
    name text;
begin
    foreach name in array array[
        'event', 'incident', 'exercise', 'event_region', 'event_county', 'event_hazard',
        'event_source_label', 'event_source', 'after_action_report']
    loop
        execute format(
            'create policy visible on warehouse.%1$I for select using ((select access.sees_all_detail()) or exists '
            '(select 1 from access.visible_event v where v.event_id = %1$I.event_id))', name);
    end loop;
end
$$;
