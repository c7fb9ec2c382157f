-- Texts of reports that no id has matched, about events with known actions.
-- reads: report_corrective_action
-- binds: events
select row_number() over (order by source_row, source_id), event_id, capability_id, text, issue,
    external_id is not null, organization_id, source_id, source_row
from report_corrective_action
where known_id is null and event_id = any($1)
order by source_row, source_id
