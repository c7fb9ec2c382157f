-- Counts new, unchanged and all claims.
-- reads: source_claim
select coalesce(sum(weight) filter (where matched_by = 'NEW' and not is_known), 0)::bigint,
    coalesce(sum(weight) filter (where is_known and is_same), 0)::bigint, coalesce(sum(weight),
        0)::bigint
from source_claim
