//! Risk assessments.

use chrono::NaiveDate;

use super::{OrganizationRef, Record, RecordTable};
use crate::copy::Row;

/// An organization's or region's assessment of its hazards.
#[derive(Clone, Debug)]
pub struct RiskAssessment {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Who assessed; none for a region.
    pub organization: Option<OrganizationRef>,
    /// Region; the organization's when `-1`.
    pub region_id: i32,
    /// Method.
    pub assessment_method_id: i32,
    /// Day.
    pub assessed_on: NaiveDate,
    /// Edition of the tool.
    pub edition: Option<String>,
    /// Scale of its scores, such as `1 to 5`.
    pub scale: Option<String>,
    /// Open to everyone.
    pub public: bool,
}

impl Record for RiskAssessment {
    const TABLE: RecordTable = RecordTable::RiskAssessment;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        row.optional_text(self.organization.as_ref().map(OrganizationRef::staged).as_deref());
        row.value(self.region_id);
        row.value(self.assessment_method_id);
        row.day(Some(self.assessed_on));
        row.optional_text(self.edition.as_deref());
        row.optional_text(self.scale.as_deref());
        row.text(if self.public { "PUBLIC" } else { "RESTRICTED" });
    }
}

/// One hazard in an assessment. Scores are 0 (not applicable) to 3; risk is computed, never taken
/// from the sheet.
#[derive(Clone, Debug, Default)]
pub struct RiskScore {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Id of the assessment in the same source.
    pub assessment_source_id: String,
    /// The hazard, `-1` when no list knows it.
    pub hazard_id: i32,
    /// Hazard as the sheet names it.
    pub label: String,
    /// Category as the sheet names it.
    pub category: Option<String>,
    /// Likelihood.
    pub probability: Option<i16>,
    /// Death or injury.
    pub human_impact: Option<i16>,
    /// Physical losses.
    pub property_impact: Option<i16>,
    /// Interruption of services.
    pub business_impact: Option<i16>,
    /// Preplanning, 1 high to 3 low or none.
    pub preparedness: Option<i16>,
    /// Own response, 1 high to 3 low or none.
    pub internal_response: Option<i16>,
    /// Community response, 1 high to 3 low or none.
    pub external_response: Option<i16>,
    /// Alerts in the year.
    pub alerts: Option<i32>,
    /// Activations in the year.
    pub activations: Option<i32>,
    /// Risk as the sheet prints it, 0 to 1.
    pub risk_printed: Option<f64>,
    /// Risk by the sheet's own formula, as printed.
    pub score_printed: Option<String>,
    /// Rank as the sheet prints it.
    pub rank_printed: Option<i32>,
    /// Risk on another scale or by another method's formula; the Kaiser formula on 0 to 3 is used
    /// when not given.
    pub stated: Option<StatedRisk>,
}

/// Risk that was computed where its scale is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatedRisk {
    /// The hazard applies.
    pub applicable: bool,
    /// Risk, 0 to 1.
    pub risk: Option<f64>,
    /// Risk without the self-scored readiness, 0 to 1.
    pub inherent: Option<f64>,
}

impl Record for RiskScore {
    const TABLE: RecordTable = RecordTable::RiskScore;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        row.text(&self.assessment_source_id);
        row.value(self.hazard_id);
        row.text(&self.label);
        row.optional_text(self.category.as_deref());
        row.optional(self.probability);
        row.optional(self.human_impact);
        row.optional(self.property_impact);
        row.optional(self.business_impact);
        row.optional(self.preparedness);
        row.optional(self.internal_response);
        row.optional(self.external_response);
        row.optional(self.alerts);
        row.optional(self.activations);
        row.optional(self.risk_printed);
        row.optional_text(self.score_printed.as_deref());
        row.optional(self.rank_printed);
        row.value(self.applicable());
        row.optional(self.risk());
        row.optional(self.inherent_risk());
    }
}

impl RiskScore {
    /// A likelihood of 0, or a stated risk of 0, says that the hazard does not apply, not that
    /// there is no risk.
    pub fn applicable(&self) -> bool {
        match self.stated {
            Some(stated) => stated.applicable,
            None => self.probability.is_some_and(|probability| probability > 0),
        }
    }

    /// Kaiser Permanente's formula: probability/3 × sum of the six severities/18; none when a score
    /// is missing or the hazard does not apply.
    pub fn risk(&self) -> Option<f64> {
        if !self.applicable() {
            return None;
        }
        if let Some(stated) = self.stated {
            return stated.risk;
        }
        let severity = self.human_impact?
            + self.property_impact?
            + self.business_impact?
            + self.preparedness?
            + self.internal_response?
            + self.external_response?;
        Some(f64::from(self.probability?) / 3.0 * f64::from(severity) / 18.0)
    }

    /// Without the self-scored readiness: probability/3 × sum of the three impacts/9.
    pub fn inherent_risk(&self) -> Option<f64> {
        if !self.applicable() {
            return None;
        }
        if let Some(stated) = self.stated {
            return stated.inherent;
        }
        let impact = self.human_impact? + self.property_impact? + self.business_impact?;
        Some(f64::from(self.probability?) / 3.0 * f64::from(impact) / 9.0)
    }
}

#[cfg(test)]
mod tests {
    use super::RiskScore;

    #[test]
    fn risk_is_as_printed_on_the_published_worked_sheet() {
        // Earthquake 94 %, epidemic 59 %, local flood 63 %, blizzard 0 % of a public filled sheet.
        for (scores, printed) in [
            ([3, 3, 3, 3, 3, 3, 2], 94.0),
            ([2, 3, 2, 3, 3, 3, 2], 59.0),
            ([2, 3, 3, 3, 3, 3, 2], 63.0),
            ([0, 1, 1, 1, 1, 1, 1], 0.0),
        ] {
            let [probability, human, property, business, preparedness, internal, external] =
                scores.map(Some);
            let score = RiskScore {
                probability,
                human_impact: human,
                property_impact: property,
                business_impact: business,
                preparedness,
                internal_response: internal,
                external_response: external,
                ..RiskScore::default()
            };
            // What does not apply has no risk, though the sheet prints 0 %.
            assert_eq!(
                score.risk().map(|risk| (risk * 100.0).round()),
                (printed > 0.0).then_some(printed)
            );
            assert_eq!(score.applicable(), printed > 0.0);
        }
    }
}
