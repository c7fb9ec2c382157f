-- Moves the records of this source along with a split claim.
-- reads: source_claim
-- writes: warehouse.{table}
-- binds: source
update warehouse.{table} f
set event_id = t.event_id
from source_claim t
where f.event_id = t.split_from and f.source = $1
