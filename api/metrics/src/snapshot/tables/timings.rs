//! Milestones of events: the first of each type.

use super::{Dated, FieldKind, FieldKind::*, SourceTable, TableDefinition, grows, refers};
use crate::sql::sql;

/// Milestones, whose events are read again.
pub const STAMPED: SourceTable = grows("warehouse.milestone", "event_id");

/// Counties of events, which decide the time zone of their milestones.
pub const LOCATED: SourceTable = grows("warehouse.event_county", "event_id");

/// Declares the milestones of events, in the order of the statement. Its columns, and the names that
/// metrics use, follow from it.
macro_rules! stamped {
    ($($code:literal $day:literal,)*) => {
        /// Columns of the first stamp of each kind: its minute, and a minute of its day where only
        /// the day is known.
        pub const STAMPS: &[(&str, &str)] = &[$(($code, $day),)*];
        const TIMINGS_COLUMNS: &[(&str, FieldKind)] = &[
            ("event_id", Key),
            ("start_minute", Key),
            ("end_minute", Key),
            ("limit_minutes", Id),
            $(($code, Key), ($day, Key),)*
        ];
        const TIMINGS_VALUES: &[&str] = &["end_minute", $($code, $day,)*];
    };
}

stamped! {
    "notified" "notified_by_day",
    "acknowledged" "acknowledged_by_day",
    "activated" "activated_by_day",
    "staff_assembled" "staff_assembled_by_day",
    "members_notified" "members_notified_by_day",
    "first_sitrep" "first_sitrep_by_day",
    "eei_requested" "eei_requested_by_day",
    "eei_collected" "eei_collected_by_day",
    "resource_requested" "resource_requested_by_day",
    "resource_filled" "resource_filled_by_day",
    "demobilized" "demobilized_by_day",
    "hotwash_held" "hotwash_held_by_day",
}

/// Times of the milestones of events.
pub static TABLES: &[TableDefinition] = &[
    // First stamp of each kind in an event, in minutes since 1970: known to the minute or hour, and
    // known only to the day.
    TableDefinition {
        name: "timings",
        sources: &[STAMPED, refers("warehouse.event"), grows("warehouse.exercise", "event_id")],
        by: "event_id",
        sql: sql!("timings.sql"),
        columns: TIMINGS_COLUMNS,
        only: None,
        event: &[
            "local_date",
            "hazard_id",
            "event_kind",
            "exercise_type",
            "held",
            "public",
            "regions",
        ],
        dated: Dated { rows: &["local_date"], values: TIMINGS_VALUES, with: &[] },
    },
];
