(
    select p.status, p.due_on
    from warehouse.action_status_history p
    where p.corrective_action_id = s.corrective_action_id and p.changed_on < $1
    order by p.changed_on desc, p.sequence desc
    limit 1)
