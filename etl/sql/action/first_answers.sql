-- Requests that the reports of the file answer, if the day of their first answer differs. An answer
-- that was stated with the request may be earlier than the reports.
-- reads: report_corrective_action, warehouse.corrective_action_source, warehouse.tracker_request
-- binds: source
select t.tracker_request_id, least(t.answered_on, min(s.reported_on)) as answered_on
from warehouse.tracker_request t
join warehouse.corrective_action_source s on s.source = $1 and s.source_id = t.source_id
where t.source_id in (
    select f.request_id
    from report_corrective_action f)
group by t.tracker_request_id
having t.answered_on is distinct from least(t.answered_on, min(s.reported_on))
