//! Organizations of a coalition; never persons.

use chrono::NaiveDate;

use hotwash_schema::record::{self, RecordType};

use super::{Record, RecordRow};
use crate::inspect::trace::{self, Named};

/// Organization. Its name, region and discipline are stored with their validity.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Name, without persons.
    pub name: String,
    /// Coalition region id; `-1` if unknown.
    pub region_id: i32,
    /// Discipline id; `-1` if unknown.
    pub discipline_id: i32,
    /// Municipality where it is located.
    pub municipality_id: Option<i32>,
    /// Staffed beds.
    pub staffed_beds: Option<i32>,
    /// Still operating.
    pub active: bool,
    /// Other names.
    pub aliases: Vec<String>,
    /// First day on which this name, region and discipline are valid; the load date if not given.
    pub valid_from: Option<NaiveDate>,
}

impl Record for Organization {
    fn record_type(&self) -> &'static RecordType {
        &record::ORGANIZATION
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        trace::organization(|| Named::Own(self.source_id.clone(), self.name.clone(), None));
        let aliases: Vec<String> = self.aliases.iter().map(|alias| normalized(alias)).collect();
        row.text("name", &self.name);
        // Redacted first: contact details can no longer be found in normalized text.
        row.text("normalized_name", &normalized(&self.name));
        row.value("discipline_id", self.discipline_id);
        row.value("region_id", self.region_id);
        row.optional("municipality_id", self.municipality_id);
        row.optional("staffed_beds", self.staffed_beds);
        row.value("active", self.active);
        row.texts("aliases", &aliases.iter().map(String::as_str).collect::<Vec<&str>>());
        row.day("valid_from", self.valid_from);
    }
}

fn normalized(name: &str) -> String {
    hotwash_schema::label::normalize_label(&crate::redact::redact(name).0)
}
