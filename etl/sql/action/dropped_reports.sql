-- Stored reports of a version that is loaded again without their rows.
-- reads: report_corrective_action, {previous}
select t.corrective_action_source_id
from {previous} t
where not t.withdrawn and exists (
    select
    from report_corrective_action f
    where f.event_ref = t.event_ref and f.reported_on = t.reported_on) and not exists (
    select
    from report_corrective_action f
    where f.source_id = t.source_id)
