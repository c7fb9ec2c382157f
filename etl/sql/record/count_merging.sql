-- Counts the rows of new and of changed records, then the new and the changed records.
-- reads: {merging}
select coalesce(sum(weight) filter (where is_new), 0)::bigint,
    coalesce(sum(weight) filter (where not is_new), 0)::bigint, count(*) filter (where is_new),
    count(*) filter (where not is_new)
from {merging}
