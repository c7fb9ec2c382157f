//! Risk assessments and their scores.

use hotwash_schema::access::visible;
use hotwash_schema::formula::Formula::Column;
use hotwash_schema::formula::{of, own};

use super::keys;
use crate::graphql::entity::{Entity, ScalarKind, field, hidden, join, list, one};

pub static RISK_ASSESSMENT: Entity = Entity {
    name: "RiskAssessment",
    list: "riskAssessments",
    connection: true,
    table: "warehouse.risk_assessment",
    joins: &[
        join("m", "warehouse.assessment_method", "assessment_method_id"),
        join("r", "warehouse.region", "region_id"),
    ],
    only: None,
    id: "risk_assessment_id",
    description: "An organization's assessment of its hazards.",
    fields: &[
        field("assessedOn", own("assessed_on"), ScalarKind::Date, "Day of the assessment.")
            .required(),
        field(
            "method",
            of("m", "code"),
            ScalarKind::Text,
            "Method; only scores of the same method are compared as numbers.",
        ),
        field("edition", own("edition"), ScalarKind::Text, "Edition of the form."),
        field("scale", own("scale"), ScalarKind::Text, "Scale of its scores, such as `1 to 5`."),
        field(
            "overallRisk",
            own("overall_risk"),
            ScalarKind::Float,
            "Mean probability/3 times mean severity/18, 0 to 1.",
        ),
        hidden("regionCode", of("r", "code"), ScalarKind::Text, "Code of the region."),
    ],
    relations: &[
        one("organization", "Organization", "organization_id", "The organization.").skipping_none(),
        one("region", "Region", "region_id", "Its region."),
        list("scores", "RiskScore", "risk_assessment_id", "Its hazards."),
    ],
    group_keys: &[&[
        keys::key("REGION", "region", of("r", "code"), "Region of the organization, e.g. `3`."),
        keys::key("METHOD", "method", of("m", "code"), "Method of the assessment."),
        keys::SOURCE,
        keys::year!(Column("", "assessed_on")),
        keys::quarter!(Column("", "assessed_on")),
        keys::month!(Column("", "assessed_on")),
        keys::fiscal_year!(Column("", "assessed_on")),
    ]],
    lineage: Some(""),
    visible: Some(visible::ASSESSMENT),
    order: &["-assessedOn"],
};

pub static RISK_SCORE: Entity = Entity {
    name: "RiskScore",
    list: "riskScores",
    connection: true,
    table: "warehouse.risk_score",
    joins: &[
        join("a", "warehouse.risk_assessment", "risk_assessment_id"),
        join("h", "warehouse.hazard", "hazard_id"),
        join("r", "warehouse.region", "region_id").to("a", "region_id"),
    ],
    only: None,
    id: "risk_score_id",
    description: "One hazard within a risk assessment. A probability of 0 means not applicable, \
        not no risk.",
    fields: &[
        field("label", own("label"), ScalarKind::Text, "Hazard as named in the sheet."),
        field("category", own("category"), ScalarKind::Text, "Category as named in the sheet."),
        field(
            "probability",
            own("probability"),
            ScalarKind::Int,
            "Likelihood, 0 not applicable to 3 high.",
        ),
        field("humanImpact", own("human_impact"), ScalarKind::Int, "Death or injury, 0 to 3."),
        field(
            "propertyImpact",
            own("property_impact"),
            ScalarKind::Int,
            "Physical losses, 0 to 3.",
        ),
        field(
            "businessImpact",
            own("business_impact"),
            ScalarKind::Int,
            "Interruption of services, 0 to 3.",
        ),
        field("preparedness", own("preparedness"), ScalarKind::Int, "1 high to 3 low or none."),
        field(
            "internalResponse",
            own("internal_response"),
            ScalarKind::Int,
            "1 high to 3 low or none.",
        ),
        field(
            "externalResponse",
            own("external_response"),
            ScalarKind::Int,
            "1 high to 3 low or none.",
        ),
        field("alerts", own("alerts"), ScalarKind::Int, "Alerts in the year."),
        field("activations", own("activations"), ScalarKind::Int, "Activations in the year."),
        field("applicable", own("applicable"), ScalarKind::Boolean, "The hazard applies."),
        field("risk", own("risk"), ScalarKind::Float, "Risk by the formula, 0 to 1."),
        field(
            "riskPrinted",
            own("risk_printed"),
            ScalarKind::Float,
            "Risk as the sheet printed it, 0 to 1.",
        ),
        field(
            "scorePrinted",
            own("score_printed"),
            ScalarKind::Text,
            "Risk by the sheet's own formula, as printed, such as `20`.",
        ),
        field(
            "rankPrinted",
            own("rank_printed"),
            ScalarKind::Int,
            "Rank as the sheet printed it, 1 the highest.",
        ),
        field(
            "inherentRisk",
            own("inherent_risk"),
            ScalarKind::Float,
            "Risk without the self-scored readiness, 0 to 1.",
        ),
        field(
            "rankInAssessment",
            own("rank_in_assessment"),
            ScalarKind::Int,
            "Rank within the assessment, 1 the highest.",
        ),
        hidden("assessedOn", of("a", "assessed_on"), ScalarKind::Date, "Day of the assessment.")
            .required(),
        hidden("hazardCode", of("h", "code"), ScalarKind::Text, "Code of the hazard."),
        hidden("hazardCategory", of("h", "category"), ScalarKind::Text, "Category of the hazard."),
        hidden("regionCode", of("r", "code"), ScalarKind::Text, "Code of the region."),
    ],
    relations: &[
        one("assessment", "RiskAssessment", "risk_assessment_id", "The assessment."),
        one("hazard", "Hazard", "hazard_id", "The hazard."),
        one("region", "Region", "region_id", "Region of the organization.").to("a", "region_id"),
        one("organization", "Organization", "organization_id", "The organization.")
            .to("a", "organization_id")
            .skipping_none(),
    ],
    group_keys: &[&[
        keys::key("REGION", "region", of("r", "code"), "Region of the organization."),
        keys::key("HAZARD", "hazard", of("h", "code"), "Code of the hazard."),
        keys::key(
            "HAZARD_CATEGORY",
            "hazardCategory",
            of("h", "category"),
            "Category of the hazard.",
        ),
        keys::SOURCE,
        keys::year!(Column("a", "assessed_on")),
        keys::quarter!(Column("a", "assessed_on")),
        keys::month!(Column("a", "assessed_on")),
        keys::fiscal_year!(Column("a", "assessed_on")),
    ]],
    lineage: Some(""),
    visible: Some(visible::OF_ASSESSMENT),
    order: &["-risk"],
};
