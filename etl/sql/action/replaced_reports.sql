-- Stored reports that a corrected row for the same date replaces.
-- reads: report_corrective_action, warehouse.corrective_action_source
-- binds: source
select s.corrective_action_source_id
from warehouse.corrective_action_source s
join report_corrective_action f on s.source = $1 and s.source_id = f.source_id and
    s.reported_on is not distinct from f.reported_on
