-- Actions opened, and not known before.
select s.corrective_action_id, s.changed_on as day, null::date as due_before, s.due_on, s.batch_id,
    s.file_id, s.source_row
from {steps} s
left join lateral {earlier} earlier on true
where earlier.status is null
