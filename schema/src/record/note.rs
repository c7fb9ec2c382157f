//! Notes of one's own.

use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Template, Visibility, WhenEmpty};
use crate::vocabulary::Sensitivity;

/// Describes notes.
pub static NOTE: RecordType = RecordType {
    name: "note",
    plural: "notes",
    order: Some("-day"),
    staging: "stage_note",
    meaning: "A note on a day that explains figures, such as a new on-call rota. Charts show it.",
    visibility: Visibility::PublicOrOwnRegion,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "notes",
        about: "One note on a day that explains figures per row.",
        order: 11,
        id_from: &["day", "region", "text"],
    }),
    facts: &[],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "note_id",
            Kind::Identifier,
            "Note ID; if empty, day, region and text identify it",
            "EXAMPLE-NOTE-1",
        )]),
        ColumnDef::new("day", Type::Date, "Day, or first day.")
            .period()
            .required()
            .template(&[TemplateColumn::new("day", Kind::Date, "Day, or first day", "2025-03-14")
                .required()]),
        ColumnDef::new("end_day", Type::Date, "Last day; empty for a single day.")
            .not_before("day")
            .template(&[TemplateColumn::new(
                "end",
                Kind::Date,
                "Last day; empty for a single day",
                "",
            )]),
        ColumnDef::new("region_id", Type::Integer, "Region; unmapped for the entire state.")
            .references("region")
            .or_unmapped()
            .required()
            .template(&[TemplateColumn::new(
                "region",
                Kind::Text,
                "Region; empty for the entire state",
                "1",
            )]),
        ColumnDef::new("metric", Type::Text, "Metric of the figures; empty for all.")
            .group_key()
            .template(&[TemplateColumn::new(
                "metric",
                Kind::Text,
                "Metric whose figures show it, such as response_control; empty for all",
                "response_control",
            )]),
        ColumnDef::new("text", Type::Text, "The note, redacted.").required().template(&[
            TemplateColumn::new("text", Kind::Text, "The note", "New on-call rota in force")
                .required(),
        ]),
        ColumnDef::new("sensitivity", Type::Text, "PUBLIC, or RESTRICTED to its region.")
            .one_of(Sensitivity::VOCABULARY)
            .required()
            .when_empty(WhenEmpty::Code(Sensitivity::Restricted.code()))
            .template(&[TemplateColumn::new(
                "sensitivity",
                Kind::Choice,
                "PUBLIC, or RESTRICTED to its region; RESTRICTED if empty",
                "PUBLIC",
            )]),
    ],
};
