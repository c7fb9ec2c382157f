(select {kind} as kind, {learned} as is_learned, c.corrective_action_id as record_id, c.day, c.text,
    r.code as region, o.name as owner, c.due_before, c.due_on, c.batch_id, f.name as file,
    c.source_row, {local_day} as loaded_on
from (
    select c.*, a.text, a.region_id, a.owner_organization_id
    from ({changes}) c
    join warehouse.corrective_action a on a.corrective_action_id = c.corrective_action_id
    where {seen}
    order by c.day desc, c.corrective_action_id desc
    limit $4) c
left join warehouse.region r on r.region_id = c.region_id and r.region_id > 0
left join warehouse.organization o on o.organization_id = c.owner_organization_id
    and o.organization_id > 0
left join meta.file f on f.file_id = c.file_id
left join meta.batch b on b.batch_id = c.batch_id)
