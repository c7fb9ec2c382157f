-- Stores claims.
-- reads: source_claim, stage_event
-- writes: warehouse.event_source
-- binds: source, batch, file
insert into warehouse.event_source (source, source_id, event_id, matched_by, similarity,
        source_version, claim, batch_id, file_id, source_row, content_hash)
select $1, s.source_id, t.event_id, t.matched_by, t.similarity, s.source_version,
    jsonb_strip_nulls(to_jsonb(s) -
        '{weight,source_row,source_id,source_version,content_hash}'::text[]), $2, $3,
    s.source_row, s.content_hash
from stage_event s
join source_claim t using (source_id)
order by t.event_id
on conflict (source, source_id) do update set (event_id, matched_by, source_version, claim,
        batch_id, file_id, source_row, content_hash) = row(excluded.event_id,
        excluded.matched_by, excluded.source_version, excluded.claim, excluded.batch_id,
        excluded.file_id, excluded.source_row, excluded.content_hash)
