-- Counts reports to store.
-- reads: report_corrective_action
select count(*)
from report_corrective_action
