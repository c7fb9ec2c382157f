//! Risk assessments.

use chrono::NaiveDate;

use hotwash_schema::record::{self, RecordType};

use super::{OrganizationRef, Record, RecordRow};

/// Hazard vulnerability assessment of an organization or region.
#[derive(Clone, Debug)]
pub struct RiskAssessment {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Assessing organization; none for a region.
    pub organization: Option<OrganizationRef>,
    /// Region id; `-1` uses the organization's region.
    pub region_id: i32,
    /// Assessment method id.
    pub assessment_method_id: i32,
    /// Date of the assessment.
    pub assessed_on: NaiveDate,
    /// Edition of the tool.
    pub edition: Option<String>,
    /// Scale of the scores, such as `1 to 5`.
    pub scale: Option<String>,
    /// Readable by everyone.
    pub public: bool,
}

impl Record for RiskAssessment {
    fn record_type(&self) -> &'static RecordType {
        &record::RISK_ASSESSMENT
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.optional_text(
            "organization_ref",
            self.organization.as_ref().map(OrganizationRef::staged).as_deref(),
        );
        row.value("region_id", self.region_id);
        row.value("assessment_method_id", self.assessment_method_id);
        row.day("assessed_on", Some(self.assessed_on));
        row.optional_text("edition", self.edition.as_deref());
        row.optional_text("scale", self.scale.as_deref());
        row.text("sensitivity", if self.public { "PUBLIC" } else { "RESTRICTED" });
    }
}

/// One hazard in an assessment. Scores range from 0 (not applicable) to 3. Risk is computed, never
/// taken from the sheet.
#[derive(Clone, Debug, Default)]
pub struct RiskScore {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Id of the assessment in the same source.
    pub assessment_source_id: String,
    /// Hazard id; `-1` if unknown.
    pub hazard_id: i32,
    /// Hazard as named on the sheet.
    pub label: String,
    /// Category as named on the sheet.
    pub category: Option<String>,
    /// Likelihood.
    pub probability: Option<i16>,
    /// Death or injury.
    pub human_impact: Option<i16>,
    /// Physical losses.
    pub property_impact: Option<i16>,
    /// Interruption of services.
    pub business_impact: Option<i16>,
    /// Preplanning, from 1 (high) to 3 (low or none).
    pub preparedness: Option<i16>,
    /// Internal response, from 1 (high) to 3 (low or none).
    pub internal_response: Option<i16>,
    /// Community response, from 1 (high) to 3 (low or none).
    pub external_response: Option<i16>,
    /// Alerts during the year.
    pub alerts: Option<i32>,
    /// Activations during the year.
    pub activations: Option<i32>,
    /// Risk printed on the sheet, 0 to 1.
    pub risk_printed: Option<f64>,
    /// Risk by the sheet's own formula, as printed.
    pub score_printed: Option<String>,
    /// Rank printed on the sheet.
    pub rank_printed: Option<i32>,
    /// Risk on another scale or by another formula. If none, the Kaiser formula on 0 to 3 is used.
    pub stated: Option<StatedRisk>,
}

/// Risk computed by the reader that knows its scale.
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
    fn record_type(&self) -> &'static RecordType {
        &record::RISK_SCORE
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.text("assessment_source_id", &self.assessment_source_id);
        row.value("hazard_id", self.hazard_id);
        row.text("label", &self.label);
        row.optional_text("category", self.category.as_deref());
        row.optional("probability", self.probability);
        row.optional("human_impact", self.human_impact);
        row.optional("property_impact", self.property_impact);
        row.optional("business_impact", self.business_impact);
        row.optional("preparedness", self.preparedness);
        row.optional("internal_response", self.internal_response);
        row.optional("external_response", self.external_response);
        row.optional("alerts", self.alerts);
        row.optional("activations", self.activations);
        row.optional("risk_printed", self.risk_printed);
        row.optional_text("score_printed", self.score_printed.as_deref());
        row.optional("rank_printed", self.rank_printed);
        row.value("applicable", self.applicable());
        row.optional("risk", self.risk());
        row.optional("inherent_risk", self.inherent_risk());
    }
}

impl RiskScore {
    /// Returns whether the hazard applies. A likelihood of 0 or a stated risk of 0 means that it
    /// does not, rather than that there is no risk.
    pub fn applicable(&self) -> bool {
        match self.stated {
            Some(stated) => stated.applicable,
            None => self.probability.is_some_and(|probability| probability > 0),
        }
    }

    /// Returns the risk by Kaiser Permanente's formula: probability/3 × sum of the six
    /// severities/18. None if a score is missing or the hazard does not apply.
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

    /// Returns the risk without the self-scored readiness: probability/3 × sum of the three
    /// impacts/9.
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
        // Earthquake 94%, epidemic 59%, local flood 63%, blizzard 0% in a public completed sheet.
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
            // A hazard that does not apply has no risk, even though the sheet prints 0%.
            assert_eq!(
                score.risk().map(|risk| (risk * 100.0).round()),
                (printed > 0.0).then_some(printed)
            );
            assert_eq!(score.applicable(), printed > 0.0);
        }
    }
}
