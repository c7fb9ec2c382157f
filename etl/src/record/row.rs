//! Defines what can be staged, and writes a record's columns by the names of its description.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use hotwash_schema::record::{ColumnDef, ColumnType, RecordType};
use serde_json::Value;

use crate::copy::{ColumnValue, CopyRow};

/// A fact ready for staging.
pub trait Record {
    /// Returns the description of the record.
    fn record_type(&self) -> &'static RecordType;
    /// Returns the id within the source.
    fn source_id(&self) -> &str;
    /// Returns the version that the source states; an older version never replaces a newer one.
    fn source_version(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
    /// Returns the row in the file; the first row is 1.
    fn row(&self) -> u64;
    /// Writes the content in the order of the described columns.
    fn write(&self, row: &mut RecordRow<'_>);
}

/// A record being written. Debug builds check name and type of each column.
pub struct RecordRow<'a> {
    row: &'a mut CopyRow,
    /// Columns not yet written.
    columns: std::slice::Iter<'static, ColumnDef>,
}

/// Appends the described columns of a record.
pub fn write<R: Record>(record: &R, row: &mut CopyRow) {
    let record_type = record.record_type();
    let mut row = RecordRow { row, columns: record_type.columns.iter() };
    record.write(&mut row);
    debug_assert!(
        !row.columns.any(|column| column.staged.is_some()),
        "{} does not write its last columns",
        record_type.name
    );
}

impl RecordRow<'_> {
    fn begin(&mut self, name: &str, data_type: ColumnType) {
        if cfg!(debug_assertions) {
            let staged = self.columns.find_map(|column| column.staged);
            let described = staged.map(|column| (column.name, column.data_type));
            assert_eq!(Some((name, data_type)), described, "column written and column described");
        }
    }

    /// Appends a text, redacted.
    pub fn text(&mut self, column: &str, value: &str) {
        self.begin(column, ColumnType::Text);
        self.row.text(value);
    }

    /// Appends a text, redacted, or null.
    pub fn optional_text(&mut self, column: &str, value: Option<&str>) {
        self.begin(column, ColumnType::Text);
        self.row.optional_text(value);
    }

    /// Appends a value.
    pub fn value<T: ColumnValue>(&mut self, column: &str, value: T) {
        self.begin(column, T::TYPE);
        self.row.value(value);
    }

    /// Appends a value or null.
    pub fn optional<T: ColumnValue>(&mut self, column: &str, value: Option<T>) {
        self.begin(column, T::TYPE);
        self.row.optional(value);
    }

    /// Appends a date and time, or null.
    pub fn moment(&mut self, column: &str, value: Option<DateTime<Utc>>) {
        self.optional(column, value);
    }

    /// Appends a date, or null.
    pub fn day(&mut self, column: &str, value: Option<NaiveDate>) {
        self.optional(column, value);
    }

    /// Appends a JSON value with redacted texts, or null.
    pub fn json(&mut self, column: &str, value: Option<&Value>) {
        self.begin(column, ColumnType::Json);
        self.row.json(value);
    }

    /// Appends an `int[]`.
    pub fn ids(&mut self, column: &str, values: &[i32]) {
        self.begin(column, ColumnType::Integers);
        self.row.ids(values);
    }

    /// Appends a `float8[]`.
    pub fn shares(&mut self, column: &str, values: &[f64]) {
        self.begin(column, ColumnType::Numbers);
        self.row.shares(values);
    }

    /// Appends a `text[]`, redacted.
    pub fn texts(&mut self, column: &str, values: &[&str]) {
        self.begin(column, ColumnType::Texts);
        self.row.texts(values);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use chrono::{DateTime, NaiveDate};
    use hotwash_schema::record::{MUNICIPALITY, PARTICIPATION, RECORD_TYPES};

    use super::{RecordRow, write};
    use crate::copy::CopyRow;
    use crate::record::{
        ActionReport, CapabilityRating, Event, EventCounty, EventRef, Finding, FindingKind,
        InformationRequest, Municipality, Organization, OrganizationRef, RatingLevel, ReadRecord,
        Record, RequestStatus, ResourceRequest, RiskAssessment, RiskScore,
    };

    /// Writes a record, which panics at a column that is not described, and returns its type.
    fn written<R: Record>(record: R) -> &'static str {
        let mut row = CopyRow::default();
        write(&record, &mut row);
        assert_eq!(row.fields(), record.record_type().staged_columns().count());
        record.record_type().name
    }

    #[test]
    fn each_record_writes_the_described_columns() {
        let (event, organization) = (EventRef::id("1"), OrganizationRef::id("2"));
        let (source_id, at) = ("3".to_owned(), DateTime::UNIX_EPOCH);
        let by_struct = [
            written(Municipality {
                row: 1,
                geoid: source_id.clone(),
                fields: vec![String::new(); MUNICIPALITY.staged_columns().count()],
            }),
            written(Organization {
                row: 1,
                source_id: source_id.clone(),
                name: String::new(),
                region_id: 1,
                discipline_id: 1,
                municipality_id: None,
                staffed_beds: None,
                active: true,
                aliases: Vec::new(),
                valid_from: None,
            }),
            written(Event::default()),
            written(EventCounty {
                row: 1,
                event_source_id: String::new(),
                source_id: source_id.clone(),
                county_id: None,
            }),
            written(InformationRequest {
                row: 1,
                source_id: source_id.clone(),
                event: event.clone(),
                label: String::new(),
                platform: None,
                asked_at: at,
                due_at: None,
                reports: Vec::new(),
            }),
            written(ResourceRequest {
                row: 1,
                source_id: source_id.clone(),
                event: None,
                region_id: 1,
                organization: None,
                kind: String::new(),
                priority: None,
                status: RequestStatus::Open,
                quantity_requested: 1.0,
                quantity_filled: 0.0,
                requested_at: at,
                needed_by: None,
                assigned_at: None,
                filled_at: None,
            }),
            written(CapabilityRating {
                row: 1,
                source_id: source_id.clone(),
                event: event.clone(),
                capability_id: 1,
                organization: None,
                level: RatingLevel::Capability,
                subject: None,
                rating_scale_id: 1,
                rating: String::new(),
                note: None,
            }),
            written(Finding {
                row: 1,
                source_id: source_id.clone(),
                event,
                number: None,
                kind: FindingKind::Strength,
                capability_id: 1,
                organization: None,
                text: String::new(),
                reference: None,
                analysis: None,
                recommendation: None,
                elements: Vec::new(),
            }),
            written(ActionReport::default()),
            written(RiskAssessment {
                row: 1,
                source_id,
                organization: Some(organization),
                region_id: 1,
                assessment_method_id: 1,
                assessed_on: NaiveDate::default(),
                edition: None,
                scale: None,
                public: false,
            }),
            written(RiskScore::default()),
        ];
        for record in RECORD_TYPES.iter().filter(|record| !record.staging.is_empty()) {
            let read = ReadRecord::with(record, 1, String::new(), []);
            assert_eq!(written(read), record.name);
        }
        let known = |name: &&str| RECORD_TYPES.iter().any(|record| record.name == *name);
        assert!(by_struct.iter().all(known), "{by_struct:?}");
    }

    #[test]
    fn a_column_out_of_order_is_noticed() {
        let swapped = catch_unwind(|| {
            let mut copy = CopyRow::default();
            let mut row = RecordRow { row: &mut copy, columns: PARTICIPATION.columns.iter() };
            row.text("organization_ref", "");
        });
        assert!(swapped.is_err());
    }
}
