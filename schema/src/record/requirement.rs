//! Requirements of grant programs.

use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Visibility};
use crate::vocabulary::{ExerciseClass, RequirementScope};

/// Describes requirements.
pub static REQUIREMENT: RecordType = RecordType {
    name: "requirement",
    plural: "requirements",
    order: Some("due_on"),
    staging: "",
    meaning: "Rule of a grant program for a period, e.g. one full-scale exercise a year.",
    visibility: Visibility::Open,
    merge: Merge::Shipped,
    parent: None,
    template: None,
    facts: &[],
    columns: &[
        ColumnDef::stored_only("program", Type::Text, "HPP, PHEP, CMS, …").group_key().required(),
        ColumnDef::stored_only("code", Type::Text, "Code within the program.").required(),
        ColumnDef::stored_only("period", Type::Text, "Period it is for, e.g. FY2026.")
            .group_key()
            .required(),
        ColumnDef::stored_only("name", Type::Text, "What must be done.").required(),
        ColumnDef::stored_only(
            "applies_to",
            Type::Text,
            "Each region, or each organization of a discipline.",
        )
        .one_of(RequirementScope::VOCABULARY)
        .required(),
        ColumnDef::stored_only(
            "discipline_id",
            Type::Integer,
            "The discipline, when it applies to one.",
        )
        .references("discipline")
        .group_key(),
        ColumnDef::stored_only(
            "exercise_class",
            Type::Text,
            "Class of exercise that counts; empty for any.",
        )
        .one_of(ExerciseClass::VOCABULARY),
        ColumnDef::stored_only(
            "exercise_type_id",
            Type::Integer,
            "Type of exercise that counts; empty for any.",
        )
        .references("exercise_type")
        .group_key(),
        ColumnDef::stored_only(
            "incident_counts",
            Type::Boolean,
            "A real incident that was responded to counts as well.",
        )
        .required(),
        ColumnDef::stored_only("minimum_events", Type::Integer, "How many are needed.").required(),
        ColumnDef::stored_only(
            "maximum_gap_days",
            Type::Integer,
            "Longest time allowed between two of them, in days.",
        ),
        ColumnDef::stored_only("period_start", Type::Date, "First day of the period.").required(),
        ColumnDef::stored_only("due_on", Type::Date, "Last day to meet it.").period().required(),
    ],
};
