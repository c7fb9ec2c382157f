-- Stores new events.
-- reads: merging
-- writes: warehouse.event
insert into warehouse.event (event_id, kind, name, start_at, end_at, local_date,
        end_local_date, time_zone, status, sensitivity, statewide, owes_aar, hazard_id,
        latitude, longitude, narrative, source, source_id, source_version, batch_id, file_id,
        source_row, content_hash)
select event_id, m.kind, m.name, m.start_at, m.end_at, m.local_date, m.end_local_date,
    m.time_zone, m.status, m.sensitivity, m.statewide, m.owes_aar, coalesce(m.hazards[1], -1),
    m.latitude, m.longitude, m.narrative, m.claim_source, m.source_id, m.source_version,
    m.claim_batch, m.claim_file, m.source_row, m.content_hash
from merging m
where is_new
order by event_id
