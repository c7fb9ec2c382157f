//! Objectives of events.

use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Visibility};

/// Describes objectives.
pub static OBJECTIVE: RecordType = RecordType {
    name: "objective",
    plural: "objectives",
    order: Some("number"),
    staging: "",
    meaning: "An objective of an event.",
    visibility: Visibility::OfEvent,
    merge: Merge::WithParent,
    parent: None,
    template: None,
    facts: &[],
    columns: &[
        ColumnDef::stored_only("event_id", Type::BigInteger, "The event.")
            .references("event")
            .required(),
        ColumnDef::stored_only("number", Type::Integer, "Number within the event.")
            .position()
            .required(),
        ColumnDef::stored_only("text", Type::Text, "The objective, redacted.").required(),
        ColumnDef::stored_only("capability_id", Type::Integer, "Capability it exercises.")
            .references("capability")
            .required(),
    ],
};
