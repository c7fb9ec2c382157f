//! Corrective actions, endings of actions that were reopened, and requests about actions.

use super::{Dated, FieldKind::*, TableDefinition, grows, refers};
use crate::sql::sql;

/// Actions, their endings, and requests about them.
pub static TABLES: &[TableDefinition] = &[
    // Actions with the dates that decide their status on a day. An action completed without a date
    // counts from the day of the report. A row is valid from `known_from` until `known_until`. An
    // action whose history has moved dates or reopenings has several rows (`validity.rs`).
    TableDefinition {
        name: "actions",
        sources: &[
            grows("warehouse.corrective_action", "corrective_action_id"),
            grows("warehouse.action_status_history", "corrective_action_id"),
        ],
        by: "action_id",
        sql: sql!("actions.sql"),
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
            grows("warehouse.corrective_action", "corrective_action_id"),
            grows("warehouse.action_status_history", "corrective_action_id"),
        ],
        by: "action_id",
        sql: sql!("action_changes.sql"),
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
    // Requests of sent trackers. An answer changes the request, which reads the table again.
    TableDefinition {
        name: "tracker_requests",
        sources: &[
            grows("warehouse.tracker_request", "tracker_request_id"),
            refers("warehouse.corrective_action"),
        ],
        by: "request_id",
        sql: sql!("tracker_requests.sql"),
        columns: &[
            ("request_id", Key),
            ("organization_id", Key),
            ("regions", Region),
            ("capability_id", Capability),
            ("asked_on", Day),
            ("due_on", Day),
            ("answered_on", Day),
            ("public", Flag),
        ],
        only: None,
        event: &[],
        dated: Dated { rows: &["asked_on"], values: &["answered_on"], with: &[] },
    },
];
