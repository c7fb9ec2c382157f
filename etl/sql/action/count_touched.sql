-- Counts actions to rebuild.
-- reads: touched_action
select count(*)
from touched_action
