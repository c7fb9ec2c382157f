(select {kind} as kind, false as is_learned, requirement_id::bigint as record_id, due_on as day,
    concat_ws(' ', program, code) || ': ' || name || ' (' || period || ')' as text, null::text as region,
    null::text as owner, null::date as due_before, due_on, null::integer as batch_id, null::text as file,
    null::bigint as source_row, null::date as loaded_on
from warehouse.requirement
where due_on between $2 and $2 + 60
order by due_on, record_id
limit $4)
