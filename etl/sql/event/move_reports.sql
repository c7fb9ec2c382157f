-- Moves reports of actions with a split claim.
-- reads: source_claim
-- writes: warehouse.corrective_action_source
-- binds: source
update warehouse.corrective_action_source s
set report = s.report || jsonb_build_object('event_id', t.event_id)
from source_claim t
where (s.report ->> 'event_id')::bigint = t.split_from and s.source = $1
