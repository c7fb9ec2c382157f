//! Risk assessments and their scores.

use hotwash_schema::access::visible;

use super::keys;
use crate::graphql::entity::{Entity, Many, Relation, ScalarKind, field, hidden};

pub static RISK_ASSESSMENT: Entity = Entity {
    name: "RiskAssessment",
    list: "riskAssessments",
    connection: true,
    from: "warehouse.risk_assessment {t} join warehouse.assessment_method {t}m on \
        {t}m.assessment_method_id = {t}.assessment_method_id join warehouse.region {t}r on \
        {t}r.region_id = {t}.region_id",
    only: "true",
    id: "{t}.risk_assessment_id",
    description: "An organization's assessment of its hazards.",
    fields: &[
        field("assessedOn", "{t}.assessed_on", ScalarKind::Date, "Day of the assessment.")
            .required(),
        field(
            "method",
            "{t}m.code",
            ScalarKind::Text,
            "Method; only scores of the same method are compared as numbers.",
        ),
        field("edition", "{t}.edition", ScalarKind::Text, "Edition of the form."),
        field("scale", "{t}.scale", ScalarKind::Text, "Scale of its scores, such as `1 to 5`."),
        field(
            "overallRisk",
            "{t}.overall_risk",
            ScalarKind::Float,
            "Mean probability/3 times mean severity/18, 0 to 1.",
        ),
        hidden("regionCode", "{t}r.code", ScalarKind::Text, "Code of the region."),
    ],
    relations: &[
        Relation {
            name: "organization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}.organization_id and {u}.organization_id > 0",
            description: "The organization.",
        },
        Relation {
            name: "region",
            target: "Region",
            many: Many::One,
            through: "",
            on: "{u}.region_id = {t}.region_id",
            description: "Its region.",
        },
        Relation {
            name: "scores",
            target: "RiskScore",
            many: Many::List,
            through: "",
            on: "{u}.risk_assessment_id = {t}.risk_assessment_id",
            description: "Its hazards.",
        },
    ],
    group_keys: &[&[
        keys::key("REGION", "region", "{t}r.code", "Region of the organization, e.g. `3`."),
        keys::key("METHOD", "method", "{t}m.code", "Method of the assessment."),
        keys::SOURCE,
        keys::year!("{t}.assessed_on"),
        keys::quarter!("{t}.assessed_on"),
        keys::month!("{t}.assessed_on"),
        keys::fiscal_year!("{t}.assessed_on"),
    ]],
    lineage: "{t}",
    visible: visible::ASSESSMENT,
    order: &["-assessedOn"],
};

pub static RISK_SCORE: Entity = Entity {
    name: "RiskScore",
    list: "riskScores",
    connection: true,
    from: "warehouse.risk_score {t} join warehouse.risk_assessment {t}a on {t}a.risk_assessment_id \
        = {t}.risk_assessment_id join warehouse.hazard {t}h on {t}h.hazard_id = {t}.hazard_id join \
        warehouse.region {t}r on {t}r.region_id = {t}a.region_id",
    only: "true",
    id: "{t}.risk_score_id",
    description: "One hazard within a risk assessment. A probability of 0 means not applicable, \
        not no risk.",
    fields: &[
        field("label", "{t}.label", ScalarKind::Text, "Hazard as named in the sheet."),
        field("category", "{t}.category", ScalarKind::Text, "Category as named in the sheet."),
        field(
            "probability",
            "{t}.probability",
            ScalarKind::Int,
            "Likelihood, 0 not applicable to 3 high.",
        ),
        field("humanImpact", "{t}.human_impact", ScalarKind::Int, "Death or injury, 0 to 3."),
        field("propertyImpact", "{t}.property_impact", ScalarKind::Int, "Physical losses, 0 to 3."),
        field(
            "businessImpact",
            "{t}.business_impact",
            ScalarKind::Int,
            "Interruption of services, 0 to 3.",
        ),
        field("preparedness", "{t}.preparedness", ScalarKind::Int, "1 high to 3 low or none."),
        field(
            "internalResponse",
            "{t}.internal_response",
            ScalarKind::Int,
            "1 high to 3 low or none.",
        ),
        field(
            "externalResponse",
            "{t}.external_response",
            ScalarKind::Int,
            "1 high to 3 low or none.",
        ),
        field("alerts", "{t}.alerts", ScalarKind::Int, "Alerts in the year."),
        field("activations", "{t}.activations", ScalarKind::Int, "Activations in the year."),
        field("applicable", "{t}.applicable", ScalarKind::Boolean, "The hazard applies."),
        field("risk", "{t}.risk", ScalarKind::Float, "Risk by the formula, 0 to 1."),
        field(
            "riskPrinted",
            "{t}.risk_printed",
            ScalarKind::Float,
            "Risk as the sheet printed it, 0 to 1.",
        ),
        field(
            "scorePrinted",
            "{t}.score_printed",
            ScalarKind::Text,
            "Risk by the sheet's own formula, as printed, such as `20`.",
        ),
        field(
            "rankPrinted",
            "{t}.rank_printed",
            ScalarKind::Int,
            "Rank as the sheet printed it, 1 the highest.",
        ),
        field(
            "inherentRisk",
            "{t}.inherent_risk",
            ScalarKind::Float,
            "Risk without the self-scored readiness, 0 to 1.",
        ),
        field(
            "rankInAssessment",
            "{t}.rank_in_assessment",
            ScalarKind::Int,
            "Rank within the assessment, 1 the highest.",
        ),
        hidden("assessedOn", "{t}a.assessed_on", ScalarKind::Date, "Day of the assessment.")
            .required(),
        hidden("hazardCode", "{t}h.code", ScalarKind::Text, "Code of the hazard."),
        hidden("hazardCategory", "{t}h.category", ScalarKind::Text, "Category of the hazard."),
        hidden("regionCode", "{t}r.code", ScalarKind::Text, "Code of the region."),
    ],
    relations: &[
        Relation {
            name: "assessment",
            target: "RiskAssessment",
            many: Many::One,
            through: "",
            on: "{u}.risk_assessment_id = {t}.risk_assessment_id",
            description: "The assessment.",
        },
        Relation {
            name: "hazard",
            target: "Hazard",
            many: Many::One,
            through: "",
            on: "{u}.hazard_id = {t}.hazard_id",
            description: "The hazard.",
        },
        Relation {
            name: "region",
            target: "Region",
            many: Many::One,
            through: "",
            on: "{u}.region_id = {t}a.region_id",
            description: "Region of the organization.",
        },
        Relation {
            name: "organization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}a.organization_id and {u}.organization_id > 0",
            description: "The organization.",
        },
    ],
    group_keys: &[&[
        keys::key("REGION", "region", "{t}r.code", "Region of the organization."),
        keys::key("HAZARD", "hazard", "{t}h.code", "Code of the hazard."),
        keys::key("HAZARD_CATEGORY", "hazardCategory", "{t}h.category", "Category of the hazard."),
        keys::SOURCE,
        keys::year!("{t}a.assessed_on"),
        keys::quarter!("{t}a.assessed_on"),
        keys::month!("{t}a.assessed_on"),
        keys::fiscal_year!("{t}a.assessed_on"),
    ]],
    lineage: "{t}",
    visible: visible::OF_ASSESSMENT,
    order: &["-risk"],
};
