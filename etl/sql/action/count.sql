-- Counts the rows of reports about new actions, of those that answer a request or changed a known
-- action, and of all.
-- reads: rebuilt_action, report_corrective_action
select coalesce(sum(weight) filter (where known_id is null), 0)::bigint, (
        select coalesce(sum(k.weight), 0)::bigint
        from report_corrective_action k
        where k.known_id is not null and (k.request_id is not null or exists (
            select
            from rebuilt_action m
            where m.id = k.id))), coalesce(sum(weight), 0)::bigint
from report_corrective_action f
