//! Corrective actions, and endings of actions that were reopened.

use super::{Dated, FieldKind::*, TableDefinition, grows};

/// Status of actions with a history, before and after each step: 0 open, 1 completed, 2 canceled.
macro_rules! endings {
    () => {
        "with step as (select h.corrective_action_id, h.changed_on, s.standing, \
                lag(s.standing, 1, 0) over (partition by h.corrective_action_id order by \
                h.changed_on, h.sequence) as before \
                from warehouse.action_status_history h cross join lateral (select case when \
                h.status in ('COMPLETED', 'VALIDATED') then 1 when h.status = 'CANCELLED' then 2 \
                else 0 end as standing) s \
                where {h.corrective_action_id} and h.change <> 'DUE_DATE' and \
                h.corrective_action_id in \
                (select c.corrective_action_id from warehouse.action_status_history c where \
                {c.corrective_action_id} and c.change in ('DUE_DATE', 'REOPENED'))) "
    };
}

/// Actions and their endings.
pub static TABLES: &[TableDefinition] = &[
    // Actions with the dates that decide their status on a day. An action completed without a date
    // counts from the day of the report. A row is valid from `known_from` until `known_until`. An
    // action whose history has moved dates or reopenings has several rows (`validity.rs`).
    TableDefinition {
        name: "actions",
        sources: &[
            grows(
                "warehouse.corrective_action",
                "select t.corrective_action_id from warehouse.corrective_action t where {new}",
            ),
            grows(
                "warehouse.action_status_history",
                "select t.corrective_action_id from warehouse.action_status_history t where {new}",
            ),
        ],
        by: "action_id",
        sql: "select a.corrective_action_id, a.event_id, a.owner_organization_id, a.region_id, \
            a.opened_on, a.due_original_on, a.due_current_on, \
            coalesce(a.completed_on, case when a.status in ('COMPLETED', 'VALIDATED') then (select \
            max(h.changed_on) from warehouse.action_status_history h \
                where h.corrective_action_id = a.corrective_action_id and h.change = 'COMPLETED') \
                end), a.cancelled_on, a.validated_on, \
            a.capability_id, date '0001-01-01', null::date, \
            false, a.sensitivity = 'PUBLIC' \
            from warehouse.corrective_action a where {a.corrective_action_id}",
        columns: &[
            ("action_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("regions", Region),
            ("opened_on", Day),
            ("due_original_on", Day),
            ("due_current_on", Day),
            ("completed_on", Day),
            ("cancelled_on", Day),
            ("validated_on", Day),
            ("capability_id", Capability),
            ("known_from", Day),
            ("known_until", Day),
            ("taken_back", Flag),
            ("public", Flag),
        ],
        only: None,
        event: &[],
        dated: Dated {
            rows: &["opened_on", "known_from"],
            values: &["completed_on", "cancelled_on", "validated_on", "known_until"],
            with: &[],
        },
    },
    // Endings of reopened actions: each completion, cancellation and reopening on its day.
    TableDefinition {
        name: "action_changes",
        sources: &[
            grows(
                "warehouse.corrective_action",
                "select t.corrective_action_id from warehouse.corrective_action t where {new}",
            ),
            grows(
                "warehouse.action_status_history",
                "select t.corrective_action_id from warehouse.action_status_history t where {new}",
            ),
        ],
        by: "action_id",
        sql: concat!(
            endings!(),
            "select a.corrective_action_id, a.event_id, a.owner_organization_id, a.region_id, \
             a.capability_id, s.changed_on, s.standing = 1, s.standing = 2, s.standing = 0, \
            a.sensitivity = 'PUBLIC' \
            from step s join warehouse.corrective_action a using (corrective_action_id) \
            where {a.corrective_action_id} and s.standing <> s.before and a.corrective_action_id \
            in (select corrective_action_id from step where standing = 0 and before > 0)"
        ),
        columns: &[
            ("action_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("regions", Region),
            ("capability_id", Capability),
            ("changed_on", Day),
            ("closed", Flag),
            ("cancelled", Flag),
            ("reopened", Flag),
            ("public", Flag),
        ],
        only: None,
        event: &[],
        dated: Dated::rows(&["changed_on"]),
    },
];
