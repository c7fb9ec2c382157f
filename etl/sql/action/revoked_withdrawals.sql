-- Withdrawals that no longer follow from the known versions.
-- reads: missing_action, reported_action
select t.corrective_action_source_id
from reported_action t
where t.withdrawn and not exists (
    select
    from missing_action m
    where m.corrective_action_id = t.corrective_action_id and m.reported_on = t.reported_on)
