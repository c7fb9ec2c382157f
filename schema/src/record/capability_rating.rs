//! Capability ratings.

use super::template::{self, ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Template, Visibility};

/// Describes capability ratings.
pub static CAPABILITY_RATING: RecordType = RecordType {
    name: "capability_rating",
    plural: "capability_ratings",
    staging: "stage_capability_rating",
    meaning: "A rating of a capability in an event; only level CAPABILITY enters headline metrics.",
    visibility: Visibility::OfEvent,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "ratings",
        about: "One rating of one capability in one event per row.",
        order: 4,
    }),
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "rating_id",
            Kind::Identifier,
            "Rating ID; if empty, made from event, capability, organization, level and subject",
            "",
        )]),
        ColumnDef::new("event_id", Type::BigInteger, "The event.")
            .resolved_from("event_ref")
            .references("event")
            .required()
            .template(&[TemplateColumn::new(
                "event_id",
                Kind::Identifier,
                "Event ID",
                "EXAMPLE-EVENT-1",
            )
            .required()]),
        ColumnDef::new("capability_id", Type::Integer, "The capability.")
            .references("capability")
            .required()
            .template(&[template::FRAMEWORK, template::CAPABILITY]),
        ColumnDef::new(
            "organization_id",
            Type::BigInteger,
            "Organization rated; -1 the whole event.",
        )
        .resolved_from("organization_ref")
        .references("organization")
        .or_unmapped()
        .required()
        .template(&[TemplateColumn::new(
            "organization_id",
            Kind::Identifier,
            "ID of the rated organization; empty for the entire event",
            "",
        )]),
        ColumnDef::new("level", Type::Text, "CAPABILITY, TARGET or TASK.")
            .one_of(&["CAPABILITY", "TARGET", "TASK"])
            .required()
            .template(&[TemplateColumn::new(
                "level",
                Kind::Choice,
                "What is rated; CAPABILITY if empty",
                "CAPABILITY",
            )]),
        ColumnDef::new("subject", Type::Text, "Objective, target or task rated, redacted.")
            .template(&[TemplateColumn::new(
                "subject",
                Kind::Text,
                "Objective, target or task rated",
                "Place 60 patients within four hours.",
            )]),
        ColumnDef::new("rating_scale_id", Type::Integer, "The scale.").required().template(&[
            TemplateColumn::new("scale", Kind::Choice, "Rating scale; PSMU if empty", "PSMU")
                .one_of(&["PSMU", "FPN"]),
        ]),
        ColumnDef::new("rating", Type::Text, "Value on the scale, e.g. P.").required().template(&[
            TemplateColumn::new(
                "rating",
                Kind::Text,
                "P, S, M or U (or FULLY, PARTIALLY, NOT); NOT_OBSERVED",
                "S",
            )
            .required(),
        ]),
        ColumnDef::new("note", Type::Text, "Explanation, redacted.").template(&[
            TemplateColumn::new(
                "note",
                Kind::Text,
                "Explanation of the rating",
                "All patients were placed; two transfers waited for transport.",
            ),
        ]),
    ],
};
