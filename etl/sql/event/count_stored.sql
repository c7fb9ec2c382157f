-- Counts the claims to store.
-- reads: source_claim
select count(*)
from source_claim
