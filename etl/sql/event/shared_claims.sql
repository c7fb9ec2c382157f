-- Claims about events with claims of several documents, and about those from which one was split.
-- reads: merging, source_claim, warehouse.event, warehouse.event_source
-- binds: trusted
select o.event_id, o.source, o.source_id, o.source_version, o.claim, o.batch_id, o.file_id,
    o.source_row, o.content_hash, not exists (select
    from warehouse.event e
    where e.event_id = o.event_id)
from warehouse.event_source o
where o.event_id in ( select event_id
    from source_claim
    union
    select split_from
    from source_claim
    where split_from is not null) and not exists (select
    from merging m
    where m.event_id = o.event_id)
order by o.event_id, array_position($1, o.source) nulls first, o.source, o.source_version,
    o.source_id
