-- Counts the rows of reports about new actions, of those that changed a known one, and of all.
-- reads: rebuilt_action, report_corrective_action
select coalesce(sum(weight) filter (where known_id is null), 0)::bigint, (
        select coalesce(sum(k.weight), 0)::bigint
        from report_corrective_action k
        join rebuilt_action m on m.id = k.id
        where k.known_id is not null), coalesce(sum(weight), 0)::bigint
from report_corrective_action f
