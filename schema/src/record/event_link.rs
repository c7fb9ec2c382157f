//! Links between events.

use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Visibility};
use crate::vocabulary::LinkRelation;

/// Describes links between events.
pub static EVENT_LINK: RecordType = RecordType {
    name: "event_link",
    plural: "event_links",
    order: Some("relation"),
    staging: "",
    meaning: "How two events belong together.",
    visibility: Visibility::OfEvent,
    merge: Merge::WithParent,
    parent: None,
    template: None,
    facts: &[],
    columns: &[
        ColumnDef::stored_only("event_id", Type::BigInteger, "The event.")
            .references("event")
            .reverse("links")
            .required(),
        ColumnDef::stored_only("linked_event_id", Type::BigInteger, "The other event.")
            .references("event")
            .reverse("linked_from")
            .required(),
        ColumnDef::stored_only(
            "relation",
            Type::Text,
            "PUBLIC_RECORD: the feed's record behind a coalition's incident; PARENT; SAME_AS.",
        )
        .one_of(LinkRelation::VOCABULARY)
        .required(),
    ],
};
