-- New and changed events of a feed that describes each event alone.
-- reads: stage_event, warehouse.event
-- fills: merging
-- binds: source, batch, file
select s.*, coalesce(e.event_id, nextval('warehouse.event_event_id_seq')) as event_id,
    e.event_id is null as is_new, $1::text as claim_source, $2::int as claim_batch, $3::int as
    claim_file
from stage_event s
left join warehouse.event e on e.source = $1 and e.source_id = s.source_id
where e.event_id is null or (e.content_hash is distinct from s.content_hash and
        s.source_version >= e.source_version)
