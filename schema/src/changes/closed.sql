-- Actions completed, validated or canceled, that were not closed before and stayed closed.
-- `offset 0` makes Postgres search by index for the later steps of each step. As a join, the search can read all steps
-- of the warehouse.
select s.corrective_action_id, s.changed_on as day, null::date as due_before, s.due_on, s.batch_id,
    s.file_id, s.source_row
from {steps} s
left join lateral {earlier} earlier on true
where (earlier.status is null or earlier.status not in {closed})
    and not exists (
    select
    from warehouse.action_status_history o
    where o.corrective_action_id = s.corrective_action_id and o.changed_on <= $2 and (
        (o.changed_on, o.sequence) > (s.changed_on, s.sequence) and o.status not in {closed}
        or (o.changed_on, o.sequence) < (s.changed_on, s.sequence)
            and o.change in ('COMPLETED', 'VALIDATED', 'CANCELLED') and not exists (
            select
            from warehouse.action_status_history r
            where r.corrective_action_id = s.corrective_action_id and r.status not in {closed}
                and (r.changed_on, r.sequence) > (o.changed_on, o.sequence)
                and (r.changed_on, r.sequence) < (s.changed_on, s.sequence)))
    offset 0)
