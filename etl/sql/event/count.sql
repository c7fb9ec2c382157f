-- Counts new, changed and all events of a feed.
-- reads: merging, stage_event
select coalesce(sum(weight) filter (where is_new), 0)::bigint, coalesce(sum(weight) filter (
            where not is_new), 0)::bigint, (select coalesce(sum(weight), 0)::bigint
    from stage_event)
from merging
