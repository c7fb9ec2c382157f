//! Resource and information requests, and risks.

use super::{Dated, FieldKind::*, TableDefinition, grows, refers, touches};
use crate::sql::sql;

/// Requests and risks.
pub static TABLES: &[TableDefinition] = &[
    // Quantities in thousandths, so that sums are exact.
    TableDefinition {
        name: "resource_requests",
        sources: &[
            grows("warehouse.resource_request", "resource_request_id"),
            refers("warehouse.event"),
        ],
        by: "request_id",
        sql: sql!("resource_requests.sql"),
        columns: &[
            ("request_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("regions", Region),
            ("local_date", Day),
            ("hazard_id", Id),
            ("asked", Key),
            ("filled", Key),
            ("asked_minute", Key),
            ("needed_minute", Key),
            ("filled_minute", Key),
        ],
        only: None,
        event: &["public"],
        dated: Dated {
            rows: &["local_date", "asked_minute"],
            values: &["filled_minute"],
            with: &[("filled", "filled_minute")],
        },
    },
    TableDefinition {
        name: "information_reports",
        sources: &[
            refers("warehouse.information_request"),
            grows("warehouse.information_report", "information_request_id"),
            refers("warehouse.organization"),
        ],
        by: "request_id",
        sql: sql!("information_reports.sql"),
        columns: &[
            ("request_id", Key),
            ("event_id", Key),
            ("asked_minute", Key),
            ("due_minute", Key),
            ("received_minute", Key),
            ("organization_id", Key),
            ("discipline", Label),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "held", "public", "regions"],
        dated: Dated {
            rows: &["local_date", "asked_minute"],
            values: &["received_minute"],
            with: &[],
        },
    },
    // Scores, with the days of the same organization's next two assessments. They decide which
    // assessment is the latest on a day. An assessment without an organization represents its
    // region.
    TableDefinition {
        name: "risks",
        sources: &[
            touches("warehouse.risk_assessment", sql!("touched/risk_owner_of_assessment.sql")),
            touches("warehouse.risk_score", sql!("touched/risk_owner_of_score.sql")),
            refers("warehouse.organization"),
        ],
        by: "organization_id",
        sql: sql!("risks.sql"),
        columns: &[
            ("assessment_id", Key),
            ("organization_id", Key),
            ("regions", Region),
            ("region_id", Id),
            ("discipline", Label),
            ("assessed_on", Day),
            ("next_on", Day),
            ("second_on", Day),
            ("hazard_id", Id),
            ("applicable", Flag),
            ("risk", Number),
            ("inherent", Number),
            ("rank", Id),
            // Assessment and hazard in one number: grouping by one key is fast.
            ("score", Key),
            ("public", Flag),
        ],
        only: None,
        event: &[],
        dated: Dated { rows: &["assessed_on"], values: &["next_on", "second_on"], with: &[] },
    },
];
