//! Findings of an after-action report.

use super::{EventRef, FindingKind, OrganizationRef, Record, RecordTable};
use crate::copy::CopyRow;

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
    const TABLE: RecordTable = RecordTable::Finding;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut CopyRow) {
        row.text(&self.event.staged());
        row.optional(self.number);
        row.text(self.kind.code());
        row.value(self.capability_id);
        row.optional_text(self.organization.as_ref().map(OrganizationRef::staged).as_deref());
        row.text(&self.text);
        row.optional_text(self.reference.as_deref());
        row.optional_text(self.analysis.as_deref());
        row.optional_text(self.recommendation.as_deref());
        row.ids(&self.elements);
    }
}
