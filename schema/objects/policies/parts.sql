-- Parts of records. The policy of the record that a row belongs to decides.
-- requires: functions/access/sees_all_detail
-- requires: policies/finding
-- requires: policies/corrective_action

do $$
declare
    part record;
begin
    for part in
        select * from (values
            ('finding_element', 'finding'),
            ('corrective_action_element', 'corrective_action'),
            ('corrective_action_source', 'corrective_action'),
            ('action_status_history', 'corrective_action')
        ) as belongs (name, owner)
    loop
        execute format(
            'create policy visible on warehouse.%1$I for select using ((select access.sees_all_detail()) or exists '
            '(select 1 from warehouse.%2$I w where w.%3$I = %1$I.%3$I))',
            part.name, part.owner, part.owner || '_id');
    end loop;
end
$$;
