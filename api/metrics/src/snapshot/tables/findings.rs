//! Contents of after-action reports: ratings, areas for improvement and completeness.

use super::timings;
use super::{Dated, FieldKind::*, RATING, SCALE, TableDefinition, grows, refers, touches};
use crate::sql::sql;

/// Ratings, areas and reports.
pub static TABLES: &[TableDefinition] = &[
    // Ratings of capabilities, without those not observed.
    TableDefinition {
        name: "ratings",
        sources: &[grows("warehouse.capability_rating", "capability_rating_id")],
        by: "rating_id",
        sql: sql!("ratings.sql"),
        columns: &[
            ("rating_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("capability_id", Capability),
            (SCALE, Id),
            (RATING, Label),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "held", "public", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Areas for improvement with an element: their elements, and the days on which their first
    // action was opened and completed. A completion counts even if the action was reopened later.
    TableDefinition {
        name: "areas",
        sources: &[
            grows("warehouse.finding", "finding_id"),
            grows("warehouse.finding_element", "finding_id"),
            grows("warehouse.corrective_action", "finding_id"),
            touches("warehouse.action_status_history", sql!("touched/finding_of_history.sql")),
        ],
        by: "finding_id",
        sql: sql!("areas.sql"),
        columns: &[
            ("finding_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("capability_id", Capability),
            ("elements", Set),
            ("first_opened", Day),
            ("first_completed", Day),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "held", "public", "regions"],
        dated: Dated {
            rows: &["local_date"],
            values: &["first_opened", "first_completed"],
            with: &[],
        },
    },
    // Areas for improvement by element; weights in 1/840, which every share of up to eight elements
    // divides.
    TableDefinition {
        name: "area_elements",
        sources: &[
            grows("warehouse.finding", "finding_id"),
            grows("warehouse.finding_element", "finding_id"),
        ],
        by: "finding_id",
        sql: sql!("area_elements.sql"),
        columns: &[
            ("finding_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("capability_id", Capability),
            ("element", Label),
            ("weight", Id),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "held", "public", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Completeness of reports, for each event with a report or findings: how many of the six parts
    // that depend on no action exist, and the days on which the other parts began and ended. The
    // row's own day is that of the draft or final version, else the end of the event.
    TableDefinition {
        name: "reports",
        sources: &[
            grows("warehouse.after_action_report", "event_id"),
            timings::STAMPED,
            timings::LOCATED,
            grows("warehouse.objective", "event_id"),
            grows("warehouse.capability_rating", "event_id"),
            grows("warehouse.finding", "event_id"),
            touches("warehouse.corrective_action", sql!("touched/event_of_action.sql")),
            touches(
                "warehouse.corrective_action_element",
                sql!("touched/event_of_action_element.sql"),
            ),
            grows("warehouse.participation", "event_id"),
            refers("warehouse.event"),
            grows("warehouse.exercise", "event_id"),
        ],
        by: "event_id",
        sql: sql!("reports.sql"),
        columns: &[
            ("event_id", Key),
            ("reported_on", Day),
            ("parts", Id),
            ("answered_on", Day),
            ("planned_on", Day),
            ("ownerless_on", Day),
            ("elementless_on", Day),
            ("startless_on", Day),
            ("dueless_on", Day),
        ],
        only: None,
        event: &[
            "local_date",
            "end_date",
            "hazard_id",
            "event_kind",
            "exercise_type",
            "held",
            "public",
            "regions",
        ],
        dated: Dated {
            rows: &["local_date", "reported_on"],
            values: &[
                "end_date",
                "answered_on",
                "planned_on",
                "ownerless_on",
                "elementless_on",
                "startless_on",
                "dueless_on",
            ],
            with: &[],
        },
    },
];
