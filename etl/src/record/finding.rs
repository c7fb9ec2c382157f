//! Findings of an after-action report.

use hotwash_schema::record::{self, RecordType};

use super::{EventRef, FindingKind, OrganizationRef, Record, RecordRow};

/// Strength or area for improvement; all texts are redacted.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Event.
    pub event: EventRef,
    /// Number in the report.
    pub number: Option<i32>,
    /// Strength or area for improvement.
    pub kind: FindingKind,
    /// Capability id; `-1` if none is named.
    pub capability_id: i32,
    /// Organization concerned; none for all.
    pub organization: Option<OrganizationRef>,
    /// Observation.
    pub text: String,
    /// Plan or policy it refers to.
    pub reference: Option<String>,
    /// Analysis or root cause.
    pub analysis: Option<String>,
    /// Recommendation.
    pub recommendation: Option<String>,
    /// Capability element ids; each gets an equal share.
    pub elements: Vec<i32>,
}

impl Record for Finding {
    fn record_type(&self) -> &'static RecordType {
        &record::FINDING
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.text("event_ref", &self.event.staged());
        row.optional("number", self.number);
        row.text("kind", self.kind.code());
        row.value("capability_id", self.capability_id);
        row.optional_text(
            "organization_ref",
            self.organization.as_ref().map(OrganizationRef::staged).as_deref(),
        );
        row.ids("elements", &self.elements);
        row.text("text", &self.text);
        row.optional_text("reference", self.reference.as_deref());
        row.optional_text("analysis", self.analysis.as_deref());
        row.optional_text("recommendation", self.recommendation.as_deref());
    }
}
