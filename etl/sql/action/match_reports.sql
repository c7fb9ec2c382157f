-- Matches reports to actions with a similar text.
-- writes: report_corrective_action
-- binds: source_ids, actions, similarities
update report_corrective_action f
set known_id = m.action, id = m.action, matched_by = 'SIMILARITY', similarity = m.similarity
from unnest($1::text[], $2::bigint[], $3::float8[]) as m(source_id, action, similarity)
where f.source_id = m.source_id
