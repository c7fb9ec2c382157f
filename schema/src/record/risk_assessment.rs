//! Risk assessments.

use super::{ColumnDef, ColumnType as Type, Merge, OWN_REGION, RecordType, Visibility};
use crate::reference::{ReferenceFile, ReferenceKind, required};
use crate::vocabulary::Sensitivity;

/// Methods of assessment, with their formulas.
static METHODS: ReferenceFile = ReferenceFile {
    name: "assessment_methods.csv",
    shared: Some(include_str!("../../reference/assessment_methods.csv")),
    columns: &[
        required("code", ReferenceKind::Text),
        required("name", ReferenceKind::Text),
        required("formula", ReferenceKind::Text),
    ],
    merge: &[],
};

/// Describes risk assessments.
pub static RISK_ASSESSMENT: RecordType = RecordType {
    name: "risk_assessment",
    plural: "risk_assessments",
    order: Some("-assessed_on"),
    staging: "stage_risk_assessment",
    meaning: "One organization's assessment of its hazards.",
    visibility: Visibility::PublicOrOwnRegion,
    merge: Merge::Shared,
    parent: None,
    template: None,
    facts: &[],
    columns: &[
        ColumnDef::new("organization_id", Type::BigInteger, "Organization that assessed.")
            .resolved_from("organization_ref")
            .references("organization")
            .or_unmapped()
            .required(),
        ColumnDef::new("region_id", Type::Integer, "Its region.")
            .references("region")
            .stored_as(OWN_REGION)
            .required(),
        ColumnDef::new("assessment_method_id", Type::Integer, "Method.")
            .references("assessment_method")
            .listed_in(&METHODS)
            .named("method")
            .group_key()
            .required(),
        ColumnDef::new("assessed_on", Type::Date, "Day of the assessment.").period().required(),
        ColumnDef::new("edition", Type::Text, "Edition of the form."),
        ColumnDef::new(
            "scale",
            Type::Text,
            "Scale of its scores, such as 1 to 5; empty when it is not known.",
        ),
        ColumnDef::stored_only(
            "overall_risk",
            Type::Number,
            "Mean probability/3 times mean severity/18, 0 to 1.",
        ),
        ColumnDef::new("sensitivity", Type::Text, "PUBLIC, or RESTRICTED to its region.")
            .one_of(Sensitivity::VOCABULARY)
            .required(),
    ],
};
