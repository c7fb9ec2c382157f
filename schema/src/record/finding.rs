//! Findings.

use super::fact::{Fact, FactColumn};
use super::template::{self, ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, OWN_EVENT, RecordType, Template, Visibility};
use crate::vocabulary::FindingKind;

/// Describes findings.
pub static FINDING: RecordType = RecordType {
    name: "finding",
    plural: "findings",
    order: Some("-local_date"),
    staging: "stage_finding",
    meaning: "A strength or an area for improvement.",
    visibility: Visibility::OfEvent,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "findings",
        about: "One strength or area for improvement of one event per row.",
        order: 5,
        id_from: &[],
    }),
    facts: &[Fact {
        part: None,
        meaning: "One row a strength or area for improvement.",
        joins: &[],
        measures: &[
            FactColumn::new(
                "strength_count",
                "(finding.kind = 'STRENGTH')::integer",
                "1 for a strength, to sum.",
            ),
            FactColumn::new(
                "area_count",
                "(finding.kind = 'AREA_FOR_IMPROVEMENT')::integer",
                "1 for an area for improvement, to sum.",
            ),
            FactColumn::new(
                "action_count",
                "(select count(*) from warehouse.corrective_action a where a.finding_id = \
                 finding.finding_id)::integer",
                "Corrective actions answering it, to sum.",
            ),
        ],
    }],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "finding_id",
            Kind::Identifier,
            "Finding ID, used in the template actions",
            "EXAMPLE-FINDING-1",
        )
        .required()]),
        OWN_EVENT,
        ColumnDef::new("number", Type::Integer, "Number within the event.").position().template(&[
            TemplateColumn::new("number", Kind::Integer, "Number within the event", "1"),
        ]),
        ColumnDef::new("kind", Type::Text, "STRENGTH or AREA_FOR_IMPROVEMENT.")
            .one_of(FindingKind::VOCABULARY)
            .required()
            .fact(&[FactColumn::own("STRENGTH or AREA_FOR_IMPROVEMENT.")])
            .template(&[TemplateColumn::new(
                "kind",
                Kind::Choice,
                "Kind of finding",
                "AREA_FOR_IMPROVEMENT",
            )
            .required()]),
        ColumnDef::new("capability_id", Type::Integer, "The capability.")
            .references("capability")
            .required()
            .template(&[
                template::FRAMEWORK,
                TemplateColumn::new(
                    "capability",
                    Kind::Text,
                    "Capability by number or name",
                    "10 Medical Surge",
                ),
            ]),
        ColumnDef::new(
            "organization_id",
            Type::BigInteger,
            "Organization it is about, unless it is the entire event.",
        )
        .resolved_from("organization_ref")
        .references("organization")
        .fact(&[FactColumn::own("Organization it is about, -1 the whole event")])
        .or_unmapped()
        .required()
        .template(&[TemplateColumn::new(
            "organization_id",
            Kind::Identifier,
            "ID of the organization concerned; empty for the entire event",
            "",
        )]),
        ColumnDef::staged_only("elements", Type::Integers, "Ids of its capability elements.")
            .references("element")
            .template(&[template::ELEMENTS]),
        ColumnDef::new("text", Type::Text, "The observation, redacted.")
            .required()
            .fact(&[FactColumn::new("finding", "finding.text", "The observation, redacted.")])
            .template(&[TemplateColumn::new(
                "text",
                Kind::Text,
                "The observation",
                "Transport assumptions of two surge plans rest on the same ambulances.",
            )
            .required()]),
        ColumnDef::new("reference", Type::Text, "Plan, policy or procedure referred to.").template(
            &[TemplateColumn::new(
                "reference",
                Kind::Text,
                "Plan, policy or procedure it refers to",
                "Regional Medical Surge Plan, section 5",
            )],
        ),
        ColumnDef::new("analysis", Type::Text, "Analysis or root cause, redacted.").template(&[
            TemplateColumn::new(
                "analysis",
                Kind::Text,
                "Analysis or root cause",
                "Each plan was reviewed by itself.",
            ),
        ]),
        ColumnDef::new("recommendation", Type::Text, "Recommendation, redacted.").template(&[
            TemplateColumn::new(
                "recommendation",
                Kind::Text,
                "Recommendation",
                "Compare the plans of all members.",
            ),
        ]),
    ],
};
