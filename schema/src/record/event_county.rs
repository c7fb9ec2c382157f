//! Event counties.

use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Visibility};

/// Describes event counties.
pub static EVENT_COUNTY: RecordType = RecordType {
    name: "event_county",
    plural: "event_counties",
    order: None,
    staging: "stage_event_county",
    meaning: "Counties an event struck.",
    visibility: Visibility::Event,
    merge: Merge::Matched,
    parent: None,
    template: None,
    facts: &[],
    columns: &[
        ColumnDef::staged_only("event_source_id", Type::Text, "Id of the event in the source."),
        ColumnDef::new("county_id", Type::Integer, "The county.").references("county").required(),
    ],
};
