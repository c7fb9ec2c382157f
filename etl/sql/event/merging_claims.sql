-- Events with one claim, which is the staged row.
-- reads: source_claim, stage_event, warehouse.event, warehouse.event_source
-- fills: merging
-- binds: source, batch, file
select s.*, t.event_id, not exists (select
    from warehouse.event e
    where e.event_id = t.event_id) as is_new, $1::text as claim_source, $2::int as claim_batch,
    $3::int as claim_file
from stage_event s
join source_claim t using (source_id)
where not exists (select
    from warehouse.event_source o
    where o.event_id = t.event_id and o.source <> $1)
