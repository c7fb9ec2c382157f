-- Matches a claim to a known event.
-- writes: source_claim
-- binds: id, event, similarity
update source_claim
set event_id = $2, matched_by = 'SIMILARITY', similarity = $3
where source_id = $1
