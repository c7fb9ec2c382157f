//! Relations between capabilities of different frameworks and editions.

use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Visibility};
use crate::vocabulary::CrosswalkRelation;

/// Describes the crosswalk of capabilities.
pub static CAPABILITY_CROSSWALK: RecordType = RecordType {
    name: "capability_crosswalk",
    plural: "capability_crosswalks",
    order: Some("relation"),
    staging: "",
    meaning: "How capabilities of two editions relate; only exact ones may be pooled.",
    visibility: Visibility::Open,
    merge: Merge::Shipped,
    parent: None,
    template: None,
    facts: &[],
    columns: &[
        ColumnDef::stored_only("from_capability_id", Type::Integer, "From.")
            .references("capability")
            .named("from")
            .reverse("crosswalk")
            .required(),
        ColumnDef::stored_only("to_capability_id", Type::Integer, "To.")
            .references("capability")
            .named("to")
            .reverse("crosswalk_from")
            .required(),
        ColumnDef::stored_only(
            "relation",
            Type::Text,
            "EXACT, CLOSE, BROADER, NARROWER or RELATED.",
        )
        .one_of(CrosswalkRelation::VOCABULARY)
        .required(),
    ],
};
