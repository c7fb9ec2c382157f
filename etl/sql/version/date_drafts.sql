-- Stores earlier dates of drafts of reports.
-- reads: {found}
-- writes: warehouse.after_action_report
update warehouse.after_action_report a
set draft_on = f.draft_on
from {found} f
where a.event_id = f.event_id
