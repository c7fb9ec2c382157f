-- Withdrawals that follow from the known versions and are not stored.
-- reads: missing_action, reported_action
select m.corrective_action_id, m.source_id, m.event_ref, m.reported_on
from missing_action m
where not exists (
    select
    from reported_action t
    where t.withdrawn and t.corrective_action_id = m.corrective_action_id and
        t.reported_on = m.reported_on)
