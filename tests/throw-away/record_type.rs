//! A record type thrown away after the test (`tests/throw-away/run`): counts of supplies.

use super::fact::{Fact, FactColumn};
use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, OWN_EVENT, RecordType, Template, Visibility};
use crate::vocabulary::Vocabulary;

/// Describes supply checks.
pub static SUPPLY_CHECK: RecordType = RecordType {
    name: "supply_check",
    plural: "supply_checks",
    order: Some("checked_at"),
    staging: "stage_supply_check",
    meaning: "A count of one supply in an event.",
    visibility: Visibility::OfEvent,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "supply_checks",
        about: "One count of one supply in one event per row.",
        order: 12,
        id_from: &[],
    }),
    facts: &[Fact {
        part: None,
        meaning: "One row a count of a supply.",
        joins: &[],
        measures: &[FactColumn::new("check_count", "1", "1 a check, to sum.")],
    }],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "supply_check_id",
            Kind::Identifier,
            "Check ID",
            "EXAMPLE-CHECK-1",
        )
        .required()]),
        OWN_EVENT,
        ColumnDef::new("supply", Type::Text, "MASKS or GOWNS.")
            .one_of(&Vocabulary {
                name: "Supply",
                meaning: "Kind of supply.",
                codes: &["MASKS", "GOWNS"],
                meanings: &["Respirators and masks.", "Gowns."],
            })
            .required()
            .fact(&[FactColumn::own("MASKS or GOWNS.")])
            .template(&[
                TemplateColumn::new("supply", Kind::Choice, "Supply counted", "MASKS").required()
            ]),
        ColumnDef::new("quantity", Type::Integer, "Quantity found.")
            .required()
            .fact(&[FactColumn::own("Quantity found, to sum within one supply.")])
            .template(&[
                TemplateColumn::new("quantity", Kind::Integer, "Quantity found", "400").required()
            ]),
        ColumnDef::new("checked_at", Type::Moment, "When it was counted.").required().template(&[
            TemplateColumn::new(
                "checked_at",
                Kind::Moment,
                "Date and time of the count",
                "2025-03-14 09:40",
            )
            .required(),
        ]),
        ColumnDef::new("note", Type::Text, "Remark, redacted.").template(&[TemplateColumn::new(
            "note",
            Kind::Text,
            "Remark",
            "",
        )]),
    ],
};
