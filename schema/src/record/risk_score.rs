//! Risk scores.

use super::fact::{Fact, FactColumn};
use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, Parent, RecordType, Template, Visibility};
use crate::vocabulary::Sensitivity;

/// Scores of a form.
const SCORES: &[&str] = &["0", "1", "2", "3"];

/// Describes risk scores.
pub static RISK_SCORE: RecordType = RecordType {
    name: "risk_score",
    plural: "risk_scores",
    order: Some("-risk"),
    staging: "stage_risk_score",
    meaning: "One hazard within a risk assessment.",
    visibility: Visibility::OfParent,
    merge: Merge::Shared,
    parent: Some(Parent { staged: "assessment_source_id", record: "risk_assessment" }),
    template: Some(Template {
        name: "risk_scores",
        about: "One hazard in one organization's hazard vulnerability assessment per row.",
        order: 7,
        id_from: &[],
    }),
    facts: &[Fact {
        part: None,
        meaning: "One row a hazard of a risk assessment; 0 probability means not applicable, so \
            average over applicable rows only.",
        joins: &[
            "join warehouse.risk_assessment using (risk_assessment_id)",
            "left join warehouse.assessment_method using (assessment_method_id)",
        ],
        measures: &[
            FactColumn::new(
                "organization_id",
                "risk_assessment.organization_id",
                "Organization that assessed; joins dim_organization.",
            ),
            FactColumn::new(
                "region_id",
                "risk_assessment.region_id",
                "Its region; joins dim_region.",
            ),
            FactColumn::day_of(
                "risk_assessment.assessed_on",
                "Day of the assessment; joins dim_date.",
            ),
            FactColumn::new(
                "method",
                "assessment_method.code",
                "Method; compare scores of one method only.",
            ),
            FactColumn::new(
                "is_latest",
                "risk_assessment.assessed_on = max(risk_assessment.assessed_on) over (partition by \
                 risk_assessment.organization_id, risk_assessment.assessment_method_id)",
                "Of the organization's latest assessment by the method.",
            ),
        ],
    }],
    columns: &[
        ColumnDef::new("risk_assessment_id", Type::BigInteger, "The assessment.")
            .fact(&[FactColumn::own("The assessment.")])
            .staged_as("assessment_source_id", Type::Text)
            .references("risk_assessment")
            .named("assessment")
            .reverse("scores")
            .stored_as("f.parent_id")
            .required()
            .template(&[
                TemplateColumn::new(
                    "assessment_id",
                    Kind::Identifier,
                    "Assessment ID; the same in all rows of the assessment",
                    "EXAMPLE-HVA-1",
                )
                .required(),
                TemplateColumn::new(
                    "organization_id",
                    Kind::Identifier,
                    "ID of the assessing organization",
                    "EXAMPLE-ORG-1",
                )
                .required(),
                TemplateColumn::new(
                    "assessed_on",
                    Kind::Date,
                    "Date of the assessment",
                    "2025-10-01",
                )
                .required(),
                TemplateColumn::new(
                    "method",
                    Kind::Choice,
                    "Method; kaiser_hva if empty",
                    "kaiser_hva",
                )
                .one_of(&["kaiser_hva", "ashe", "matrix", "regional"]),
                TemplateColumn::new("edition", Kind::Text, "Edition of the form", "2017"),
            ]),
        ColumnDef::new("hazard_id", Type::Integer, "The hazard.")
            .references("hazard")
            .required()
            .template(&[TemplateColumn::new(
                "hazard",
                Kind::Text,
                "Hazard as the form names it",
                "Ice Storm",
            )
            .required()]),
        ColumnDef::new("label", Type::Text, "Hazard as the sheet names it.").required(),
        ColumnDef::new("category", Type::Text, "Category as the sheet names it.").template(&[
            TemplateColumn::new("category", Kind::Text, "Category as the form names it", "Natural"),
        ]),
        ColumnDef::new(
            "probability",
            Type::SmallInteger,
            "Likelihood, 0 not applicable to 3 high.",
        )
        .fact(&[FactColumn::own("Likelihood, 0 to 3.")])
        .template(&[TemplateColumn::new(
            "probability",
            Kind::Integer,
            "0 not applicable, 1 low, 2 moderate, 3 high",
            "2",
        )
        .one_of(SCORES)]),
        ColumnDef::new("human_impact", Type::SmallInteger, "Death or injury, 0 to 3.").template(&[
            TemplateColumn::new("human_impact", Kind::Integer, "Death or injury, 0 to 3", "1")
                .one_of(SCORES),
        ]),
        ColumnDef::new("property_impact", Type::SmallInteger, "Physical losses, 0 to 3.").template(
            &[TemplateColumn::new(
                "property_impact",
                Kind::Integer,
                "Physical losses, 0 to 3",
                "2",
            )
            .one_of(SCORES)],
        ),
        ColumnDef::new("business_impact", Type::SmallInteger, "Interruption of services, 0 to 3.")
            .template(&[TemplateColumn::new(
                "business_impact",
                Kind::Integer,
                "Interruption of services, 0 to 3",
                "2",
            )
            .one_of(SCORES)]),
        ColumnDef::new("preparedness", Type::SmallInteger, "Preplanning, 1 high to 3 low or none.")
            .template(&[TemplateColumn::new(
                "preparedness",
                Kind::Integer,
                "Preplanning: 1 high to 3 low or none",
                "1",
            )
            .one_of(SCORES)]),
        ColumnDef::new(
            "internal_response",
            Type::SmallInteger,
            "Own response, 1 high to 3 low or none.",
        )
        .template(&[TemplateColumn::new(
            "internal_response",
            Kind::Integer,
            "Internal response: 1 high to 3 low or none",
            "2",
        )
        .one_of(SCORES)]),
        ColumnDef::new(
            "external_response",
            Type::SmallInteger,
            "Community response, 1 high to 3 low or none.",
        )
        .template(&[TemplateColumn::new(
            "external_response",
            Kind::Integer,
            "Community response: 1 high to 3 low or none",
            "2",
        )
        .one_of(SCORES)]),
        ColumnDef::new("alerts", Type::Integer, "Alerts in the year.")
            .fact(&[FactColumn::own(
                "Alerts in the year of the assessment; never add it up over assessments of \
 several years.",
            )])
            .template(&[TemplateColumn::new(
                "alerts",
                Kind::Integer,
                "Alerts during the year",
                "3",
            )]),
        ColumnDef::new("activations", Type::Integer, "Activations in the year.")
            .fact(&[FactColumn::own(
                "Activations in the year of the assessment; never add it up over assessments \
 of several years.",
            )])
            .template(&[TemplateColumn::new(
                "activations",
                Kind::Integer,
                "Activations during the year",
                "1",
            )]),
        ColumnDef::in_template(&[
            TemplateColumn::new(
                "likelihood",
                Kind::Number,
                "Risk registers: likelihood on their own scale, instead of probability",
                "",
            ),
            TemplateColumn::new(
                "impact",
                Kind::Number,
                "Risk registers: impact on the same scale; risk is likelihood times impact, as a \
                 share \
             of \
             the maximum",
                "",
            ),
            TemplateColumn::new(
                "scale_maximum",
                Kind::Number,
                "Risk registers: highest score of that scale, e.g. 5",
                "",
            ),
        ]),
        ColumnDef::new("risk_printed", Type::Number, "Risk as the sheet printed it, 0 to 1.")
            .template(&[TemplateColumn::new(
                "risk_printed",
                Kind::Number,
                "Risk printed on the form, 0 to 1; recomputed on loading",
                "",
            )]),
        ColumnDef::new(
            "score_printed",
            Type::Text,
            "Risk by the sheet's own formula, as printed, such as 20, 44% or High.",
        ),
        ColumnDef::new(
            "rank_printed",
            Type::Integer,
            "Rank as the sheet printed it, 1 the highest.",
        )
        .position(),
        ColumnDef::new("applicable", Type::Boolean, "Probability above 0: the hazard applies.")
            .fact(&[FactColumn::own("The hazard applies.")])
            .required(),
        ColumnDef::new("risk", Type::Number, "Risk by the formula, 0 to 1.").fact(&[
            FactColumn::own(
                "Risk by the formula, 0 to 1, to average over the latest assessments of one \
 method; empty where the hazard does not apply.",
            ),
        ]),
        ColumnDef::new(
            "inherent_risk",
            Type::Number,
            "Probability/3 times the three impacts/9, 0 to 1.",
        )
        .fact(&[FactColumn::own(
            "Risk without the readiness self-scores, 0 to 1, to average over \
            the latest assessments of one method; empty where the hazard does not apply.",
        )]),
        ColumnDef::stored_only(
            "rank_in_assessment",
            Type::Integer,
            "Rank by risk among the assessment's applicable hazards, 1 the highest.",
        )
        .fact(&[FactColumn::own("Rank by risk, 1 the highest.")]),
        ColumnDef::in_template(&[TemplateColumn::new(
            "sensitivity",
            Kind::Choice,
            "PUBLIC, or RESTRICTED to its region; RESTRICTED if empty",
            "RESTRICTED",
        )
        .one_of(Sensitivity::CODES)]),
    ],
};
