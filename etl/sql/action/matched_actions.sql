-- Actions that an id has matched to a report.
-- reads: report_corrective_action
select known_id
from report_corrective_action
where known_id is not null
