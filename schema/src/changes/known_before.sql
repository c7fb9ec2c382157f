(
    select v.content ->> 'status' as status, (v.content ->> 'due_current_on')::date as due_on
    from warehouse.record_version v
    where v.record_type = 'corrective_action' and v.record_id = s.corrective_action_id
        and v.valid_from < {start} and v.valid_to >= {start} and {seen_version}
    limit 1)
