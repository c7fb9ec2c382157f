-- Earlier dates of drafts of reports.
-- reads: document, warehouse.after_action_report
select d.event_id, d.draft_on
from document d
join warehouse.after_action_report a on a.event_id = d.event_id
where d.is_old and d.draft_on is not null and (a.draft_on is null or a.draft_on > d.draft_on)
