(
    select h.*
    from unnest($5) as l(batch_id)
    cross join unnest({steps_of}) as k(change)
    cross join lateral (
        select *
        from warehouse.action_status_history w
        where w.batch_id = l.batch_id and w.change = k.change and w.changed_on < $1
        order by w.changed_on desc
        limit 4 * $4) h)
