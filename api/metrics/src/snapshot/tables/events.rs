//! Events and their participants.

use super::timings;
use super::{Dated, FieldKind::*, HAPPENED, HELD, TableDefinition, decides, grows, refers};
use crate::sql::sql;

/// Tables by event and by organization, and what files brought.
pub static TABLES: &[TableDefinition] = &[
    TableDefinition {
        name: "incidents",
        sources: &[grows("warehouse.incident", "event_id"), refers("warehouse.event")],
        by: "event_id",
        sql: sql!("incidents.sql"),
        columns: &[
            ("event_id", Key),
            ("deaths", Id),
            ("injuries", Id),
            ("damage", Key),
            ("response", Label),
        ],
        only: Some(HAPPENED),
        event: &["local_date", "hazard_id", "source", "public", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Exercises that were held.
    TableDefinition {
        name: "exercises",
        sources: &[grows("warehouse.exercise", "event_id"), refers("warehouse.event")],
        by: "event_id",
        sql: sql!("exercises.sql"),
        columns: &[("event_id", Key)],
        only: Some(HAPPENED),
        event: &["local_date", "hazard_id", "exercise_type", "operations", "public", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Exercises held and incidents responded to, with reports and participants.
    TableDefinition {
        name: "events",
        sources: &[
            grows("warehouse.event", "event_id"),
            grows("warehouse.incident", "event_id"),
            grows("warehouse.after_action_report", "event_id"),
            timings::STAMPED,
            timings::LOCATED,
            grows("warehouse.participation", "event_id"),
            refers("warehouse.organization"),
        ],
        by: "event_id",
        sql: sql!("events.sql"),
        columns: &[
            ("event_id", Key),
            ("owes_aar", Flag),
            ("final_on", Day),
            ("final_stamp_on", Day),
            ("present", Id),
            ("state_core", Id),
            ("hpp_core", Id),
        ],
        only: Some(HELD),
        event: &[
            "local_date",
            "end_date",
            "hazard_id",
            "event_kind",
            "exercise_type",
            "operations",
            "responded",
            "public",
            "regions",
        ],
        dated: Dated {
            rows: &["local_date"],
            values: &["end_date", "final_on", "final_stamp_on"],
            with: &[],
        },
    },
    // Hazards of events in addition to the primary one.
    TableDefinition {
        name: "event_hazards",
        sources: &[grows("warehouse.event_hazard", "event_id")],
        by: "event_id",
        sql: sql!("event_hazards.sql"),
        columns: &[("event_id", Key), ("hazard_id", Id)],
        only: None,
        event: &["local_date", "event_kind", "held", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Participation of organizations in events, with region and discipline of the organization, and
    // kind and day of the event.
    TableDefinition {
        name: "participations",
        sources: &[grows("warehouse.participation", "event_id"), refers("warehouse.organization")],
        by: "event_id",
        sql: sql!("participations.sql"),
        columns: &[
            ("organization_id", Key),
            ("event_id", Key),
            ("regions", Region),
            ("region_id", Id),
            ("discipline", Label),
            ("active", Flag),
        ],
        only: None,
        event: &[
            "local_date",
            "event_kind",
            "exercise_type",
            "operations",
            "responded",
            "held",
            "public",
        ],
        dated: Dated::rows(&["local_date"]),
    },
    TableDefinition {
        name: "organizations",
        sources: &[grows("warehouse.organization", "organization_id")],
        by: "organization_id",
        sql: sql!("organizations.sql"),
        columns: &[
            ("organization_id", Key),
            ("regions", Region),
            ("region_id", Id),
            ("discipline", Label),
            ("active", Flag),
        ],
        only: None,
        event: &[],
        dated: Dated::NONE,
    },
    // The days of all events that a source reported, whatever their status.
    TableDefinition {
        name: "told_events",
        sources: &[grows("warehouse.event", "event_id")],
        by: "event_id",
        sql: sql!("told_events.sql"),
        columns: &[("event_id", Key)],
        only: None,
        event: &["local_date", "source"],
        dated: Dated::rows(&["local_date"]),
    },
    // Contents of loaded files, by the day of loading.
    TableDefinition {
        name: "files",
        sources: &[decides("meta.file")],
        by: "file_id",
        sql: sql!("files.sql"),
        columns: &[
            ("file_id", Key),
            ("source", Label),
            ("read", Key),
            ("loaded", Key),
            ("unchanged", Key),
            ("rejected", Key),
            ("warnings", Key),
            ("unmapped", Key),
            ("redacted", Key),
            ("local_date", Day),
        ],
        only: None,
        event: &[],
        dated: Dated::NONE,
    },
];
