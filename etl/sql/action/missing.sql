-- Actions missing from a version, which is each after their first that has no row for them.
-- reads: reported_action
-- fills: missing_action
with version as (
    select distinct event_ref, reported_on
    from reported_action
    where not withdrawn),
first as (
    select distinct on (corrective_action_id, event_ref) corrective_action_id, event_ref, source_id,
        reported_on
    from reported_action
    where not withdrawn
    order by corrective_action_id, event_ref, reported_on, source_id)
select f.corrective_action_id, f.event_ref, f.source_id, v.reported_on
from first f
join version v using (event_ref)
where v.reported_on > f.reported_on and not exists (
    select
    from reported_action t
    where t.corrective_action_id = f.corrective_action_id and t.event_ref = f.event_ref and
        t.reported_on = v.reported_on and not t.withdrawn)
