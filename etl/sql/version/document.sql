-- Events of the file that are already loaded, and whether in a later version.
-- reads: stage_event, warehouse.event_source
-- fills: document
-- binds: source
select e.event_id, s.source_row, s.source_version < e.source_version as is_old, s.source_version,
    e.source_version as known_version,
    (s.detail -> 'after_action_report' ->> 'draft_on')::date as draft_on
from stage_event s
join warehouse.event_source e on e.source = $1 and e.source_id = s.source_id
