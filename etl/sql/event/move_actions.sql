-- Moves actions with a split claim.
-- reads: source_claim
-- writes: warehouse.corrective_action
-- binds: source
update warehouse.corrective_action a
set event_id = t.event_id
from source_claim t
where a.event_id = t.split_from and a.source = $1
