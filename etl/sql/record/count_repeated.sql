-- Counts the ids that several staged records have, up to one.
-- reads: {stage}
select count(*)
from (select
    from {stage}
    group by source_id
    having count(*) > 1
    limit 1) as repeated
