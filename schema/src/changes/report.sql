(select {kind} as kind, {learned} as is_learned, c.event_id as record_id, c.final_on as day,
    c.name as text, (
        select string_agg(r.code, ', ' order by r.code)
        from warehouse.event_region w
        join warehouse.region r on r.region_id = w.region_id and r.region_id > 0
        where w.event_id = c.event_id) as region, null::text as owner, null::date as due_before,
    null::date as due_on, c.batch_id, f.name as file, c.source_row, {local_day} as loaded_on
from (
    select c.*, e.name
    from ({final}) c
    join warehouse.event e on e.event_id = c.event_id
    where {reports} and {seen}
    order by c.final_on desc, c.event_id desc
    limit $4) c
left join meta.file f on f.file_id = c.file_id
left join meta.batch b on b.batch_id = c.batch_id)
