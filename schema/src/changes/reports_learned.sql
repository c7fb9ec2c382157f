c.batch_id = any($5) and c.final_on < $1 and not exists (
    select
    from warehouse.record_version v
    where v.record_type = c.record_type and v.record_id = c.record_id and v.valid_from < {start}
        and v.valid_to >= {start} and (c.record_type = 'milestone'
            or v.content -> 'after_action_report' ->> 'final_on' is not null)
        and {seen_version})
