(
    select h.*
    from unnest({steps_of}) as k(change)
    cross join lateral (
        select *
        from warehouse.action_status_history w
        where w.change = k.change and w.changed_on between $1 and $2
        order by w.changed_on desc, w.corrective_action_id desc
        limit 4 * $4) h)
