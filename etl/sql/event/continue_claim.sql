-- Makes a claim of this file the next state of a stored one.
-- reads: warehouse.event_source
-- writes: source_claim
-- binds: source, earlier, later
update source_claim t
set event_id = o.event_id, matched_by = o.matched_by, similarity = o.similarity, is_known = true, is_same = false
from warehouse.event_source o
where t.source_id = $3 and o.source = $1 and o.source_id = $2
