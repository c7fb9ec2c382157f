-- Counts new, changed and all rows of counties, and the counties to store.
-- reads: merging_county
select coalesce(sum(weight) filter (where event_is_new or (county_id is not null and not
                is_known)), 0)::bigint, coalesce(sum(weight) filter (where event_is_new is not
            distinct from false and (county_id is null or is_known)), 0)::bigint, coalesce(sum
            (weight), 0)::bigint, count(*) filter (where county_id is not null and not
        is_known)
from merging_county
