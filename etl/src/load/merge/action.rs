//! Corrective actions by the id their source gives them: one action a report, with the history its report tells.

/// Day on which it was opened: as stated, or the day of its event, of the report, or of the load; never after its completion.
const OPENED: &str = "least(coalesce(f.opened_on, (select coalesce(e.end_local_date, e.local_date) from warehouse.event e where e.event_id = f.event_id), \
    f.start_on, f.reported_on, current_date), f.completed_on)";

/// Columns of the action.
pub const COLUMNS: &[(&str, &str)] = &[
    ("event_id", "f.event_id"),
    (
        "finding_id",
        "(select n.finding_id from warehouse.finding n where n.source = {source} and n.source_id = f.finding_source_id)",
    ),
    (
        "region_id",
        "coalesce(nullif(f.region_id, -1), nullif((select o.region_id from warehouse.organization o where o.organization_id = f.organization_id), -1), \
         (select r.region_id from warehouse.event_region r where r.event_id = f.event_id order by r.allocation_weight desc, r.region_id limit 1), -1)",
    ),
    ("capability_id", "f.capability_id"),
    ("owner_organization_id", "coalesce(f.organization_id, -1)"),
    ("external_id", "f.external_id"),
    ("text", "f.text"),
    ("priority", "f.priority"),
    ("status", "f.status"),
    ("opened_on", OPENED),
    ("start_on", "f.start_on"),
    ("due_original_on", "coalesce(f.due_original_on, f.due_on)"),
    ("due_current_on", "f.due_on"),
    ("due_precision", "f.due_precision"),
    ("due_text", "f.due_text"),
    ("completed_on", "f.completed_on"),
    ("cancelled_on", "f.cancelled_on"),
    ("validated_on", "f.validated_on"),
    ("validated_event_id", "(select v.event_id from ref_event v where v.ref = f.validated_event_ref)"),
    ("sensitivity", "f.sensitivity"),
];

/// Elements, the report behind it, and its history: as stated, or made of its dates.
pub const FILL: &[&str] = &[
    "insert into warehouse.corrective_action_element (corrective_action_id, element_id, weight) \
     select f.id, element, 1.0 / count(*) over (partition by f.id) from {merging} f \
     cross join lateral (select distinct unnest(f.elements) as element) as e order by 1, 2",
    "insert into warehouse.corrective_action_source (source, source_id, corrective_action_id, matched_by, reported_on, batch_id, file_id, source_row, content_hash) \
     select {source}, f.source_id, f.id, 'NEW', f.reported_on, {batch}, {file}, f.source_row, f.content_hash from {merging} f order by f.id",
    "insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, change, status, due_on, batch_id, file_id, source_row) \
     with change as ( \
         select f.id, (h ->> 'on')::date as changed_on, h ->> 'change' as change, h ->> 'status' as status, (h ->> 'due_on')::date as due_on, place, f.source_row \
         from {merging} f cross join lateral jsonb_array_elements(f.history) with ordinality as t(h, place) \
         union all \
         select f.id, a.opened_on, 'OPENED', case when f.status = 'PROPOSED' then 'PROPOSED' else 'OPEN' end, a.due_original_on, -3, f.source_row \
         from {merging} f join warehouse.corrective_action a on a.corrective_action_id = f.id where f.history = '[]' \
         union all \
         select f.id, greatest(coalesce(f.reported_on, a.opened_on), a.opened_on), 'DUE_DATE', 'OPEN', f.due_on, -2, f.source_row \
         from {merging} f join warehouse.corrective_action a on a.corrective_action_id = f.id \
         where f.history = '[]' and f.due_original_on is distinct from f.due_on and f.due_original_on is not null \
         union all \
         select f.id, greatest(a.opened_on, case f.status when 'COMPLETED' then coalesce(f.completed_on, f.reported_on) when 'VALIDATED' then coalesce(f.completed_on, f.validated_on, f.reported_on) \
             when 'CANCELLED' then coalesce(f.cancelled_on, f.reported_on) else f.reported_on end), \
             case f.status when 'COMPLETED' then 'COMPLETED' when 'VALIDATED' then 'COMPLETED' when 'CANCELLED' then 'CANCELLED' else 'STATUS' end, \
             case f.status when 'VALIDATED' then 'COMPLETED' else f.status end, f.due_on, -1, f.source_row \
         from {merging} f join warehouse.corrective_action a on a.corrective_action_id = f.id \
         where f.history = '[]' and f.status not in ('OPEN', 'PROPOSED') \
         union all \
         select f.id, greatest(a.opened_on, f.completed_on, coalesce(f.validated_on, f.reported_on)), 'VALIDATED', 'VALIDATED', f.due_on, 0, f.source_row \
         from {merging} f join warehouse.corrective_action a on a.corrective_action_id = f.id where f.history = '[]' and f.status = 'VALIDATED') \
     select id, changed_on, row_number() over (partition by id, changed_on order by place), change, status, due_on, {batch}, {file}, source_row \
     from change where changed_on is not null order by id, changed_on, place",
];
