//! Capability ratings.

use super::fact::{Fact, FactColumn};
use super::template::{self, ColumnKind as Kind, TemplateColumn};
use super::{
    ColumnDef, ColumnType as Type, Merge, OWN_EVENT, RecordType, Template, Visibility, WhenEmpty,
};
use crate::vocabulary::RatingLevel;

/// Describes capability ratings.
pub static CAPABILITY_RATING: RecordType = RecordType {
    name: "capability_rating",
    plural: "capability_ratings",
    order: Some("-local_date"),
    staging: "stage_capability_rating",
    meaning: "A rating of a capability in an event; only level CAPABILITY enters headline metrics.",
    visibility: Visibility::OfEvent,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "ratings",
        about: "One rating of one capability in one event per row.",
        order: 4,
        id_from: &["event_id", "framework", "capability", "organization_id", "level", "subject"],
    }),
    facts: &[Fact {
        part: None,
        meaning: "One row a rating; filter level = CAPABILITY and is_rated for the headline share, \
            sum(good_count) / sum(rated_count), a scale at a time.",
        joins: &["left join warehouse.rating_value on rating_value.rating_scale_id = \
             capability_rating.rating_scale_id and rating_value.code = capability_rating.rating"],
        measures: &[
            FactColumn::new(
                "rating_ordinal",
                "rating_value.ordinal",
                "Rank on the scale, 1 the best; an order, not a number to average.",
            ),
            FactColumn::new("is_rated", "not rating_value.excluded", "Counts in the denominator."),
            FactColumn::new(
                "rated_count",
                "(not rating_value.excluded)::integer",
                "1 when rated, to sum.",
            ),
            FactColumn::new(
                "good_count",
                "(rating_value.counts_as_good and not rating_value.excluded)::integer",
                "1 when P or S, to sum.",
            ),
            FactColumn::new(
                "met_objective_count",
                "(rating_value.met_objective and not rating_value.excluded)::integer",
                "1 when the objective was met, to sum.",
            ),
        ],
    }],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "rating_id",
            Kind::Identifier,
            "Rating ID; if empty, made from event, capability, organization, level and subject",
            "",
        )]),
        OWN_EVENT,
        ColumnDef::new("capability_id", Type::Integer, "The capability.")
            .references("capability")
            .required()
            .template(&[template::FRAMEWORK, template::CAPABILITY]),
        ColumnDef::new(
            "organization_id",
            Type::BigInteger,
            "Organization rated, unless the entire event was.",
        )
        .resolved_from("organization_ref")
        .references("organization")
        .fact(&[FactColumn::own("Organization rated, -1 the whole event")])
        .or_unmapped()
        .required()
        .template(&[TemplateColumn::new(
            "organization_id",
            Kind::Identifier,
            "ID of the rated organization; empty for the entire event",
            "",
        )]),
        ColumnDef::new("level", Type::Text, "CAPABILITY, TARGET or TASK.")
            .one_of(RatingLevel::VOCABULARY)
            .required()
            .when_empty(WhenEmpty::Code(RatingLevel::Capability.code()))
            .fact(&[
                FactColumn::new("event_kind", "event.kind", "INCIDENT, EXERCISE or PLANNED_EVENT."),
                FactColumn::own("CAPABILITY, TARGET or TASK."),
            ])
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
        ColumnDef::new("rating_scale_id", Type::Integer, "Scale: PSMU or FPN.")
            .references("rating_scale")
            .named("scale")
            .group_key()
            .required()
            .fact(&[FactColumn::new(
                "scale",
                "rating_scale.code",
                "Rating scale; never mix scales.",
            )])
            .template(&[TemplateColumn::new(
                "scale",
                Kind::Choice,
                "Rating scale; PSMU if empty",
                "PSMU",
            )
            .one_of(&["PSMU", "FPN"])]),
        ColumnDef::new("rating", Type::Text, "Value on the scale, e.g. P.")
            .group_key()
            .required()
            .fact(&[FactColumn::own("Value, e.g. P.")])
            .template(&[TemplateColumn::new(
                "rating",
                Kind::Text,
                "P, S, M or U (or FULLY, PARTIALLY, NOT); NOT_OBSERVED",
                "S",
            )
            .required()]),
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
