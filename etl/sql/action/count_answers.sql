-- Counts the staged answers to sent trackers.
-- reads: stage_action_report
select count(*)
from stage_action_report
where request_id is not null
