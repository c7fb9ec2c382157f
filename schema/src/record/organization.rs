//! Organizations.

use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Template, Visibility};

/// Describes organizations.
pub static ORGANIZATION: RecordType = RecordType {
    name: "organization",
    plural: "organizations",
    order: Some("name"),
    staging: "stage_organization",
    meaning: "A durable organization as it is now; -1 is unmapped. Its past is in \
        organization_version.",
    visibility: Visibility::Open,
    merge: Merge::Matched,
    parent: None,
    template: Some(Template {
        name: "organizations",
        about: "One organization of the coalition per row.",
        order: 1,
        id_from: &[],
    }),
    facts: &[],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "organization_id",
            Kind::Identifier,
            "Organization ID, used in the other templates",
            "EXAMPLE-ORG-1",
        )
        .required()]),
        ColumnDef::new("name", Type::Text, "Present name.").required().template(&[
            TemplateColumn::new(
                "name",
                Kind::Text,
                "Name of the organization",
                "Example Valley Hospital",
            )
            .required(),
        ]),
        ColumnDef::new(
            "normalized_name",
            Type::Text,
            "Name in lower case without punctuation, for matching.",
        )
        .internal()
        .required(),
        ColumnDef::new("discipline_id", Type::Integer, "Present discipline.")
            .references("discipline")
            .group_key()
            .required()
            .template(&[TemplateColumn::new(
                "discipline",
                Kind::Text,
                "Discipline code or name, e.g. acute_care_hospital, long_term_care",
                "acute_care_hospital",
            )
            .required()]),
        ColumnDef::new("region_id", Type::Integer, "Present region.")
            .references("region")
            .required()
            .template(&[TemplateColumn::new(
                "region",
                Kind::Text,
                "Region code, e.g. 1 or 4AB",
                "1",
            )
            .required()]),
        ColumnDef::new("municipality_id", Type::Integer, "Seat.")
            .references("municipality")
            .template(&[TemplateColumn::new(
                "municipality",
                Kind::Text,
                "City or town where it is located",
                "Greenfield",
            )]),
        ColumnDef::new(
            "staffed_beds",
            Type::Integer,
            "Staffed beds, for hospitals and long-term care.",
        )
        .template(&[TemplateColumn::new(
            "staffed_beds",
            Kind::Integer,
            "Staffed beds",
            "120",
        )]),
        ColumnDef::new("active", Type::Boolean, "Still in operation.").required().template(&[
            TemplateColumn::new("active", Kind::YesNo, "Still operating; yes if empty", "yes"),
        ]),
        ColumnDef::staged_only("aliases", Type::Texts, "Further names, normalized."),
        ColumnDef::staged_only("valid_from", Type::Date, "Day from which this version is valid."),
    ],
};
