//! Builds the milestones of an event from the time stamps that a document reports.

use chrono::{DateTime, Utc};
use hotwash_schema::record::MILESTONE;

use super::SourceError;
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::headings::{Section, lists};
use crate::reading::time::{Settled, Stamp};
use crate::record::{EventRef, FieldValue, ReadRecord, TimePrecision};

/// Time stamps of one event: the earliest of each type of milestone.
#[derive(Default)]
pub struct Timeline {
    stamps: Vec<ReportedStamp>,
}

/// Time stamp of one type.
struct ReportedStamp {
    /// Code of the type.
    code: &'static str,
    /// Row in the file.
    row: u64,
    at: DateTime<Utc>,
    precision: TimePrecision,
}

impl Timeline {
    /// Returns the code of the type of milestone that a text reports.
    pub fn reported(text: &str) -> Option<&'static str> {
        lists().within(Section::TimeStamp, text)
    }

    /// Adds a time stamp, unless an earlier one of its type is known.
    pub fn add(&mut self, code: &'static str, row: u64, stamp: &Stamp, settled: &Settled) {
        let precision = if stamp.timed { TimePrecision::Minute } else { TimePrecision::Day };
        let reported = ReportedStamp { code, row, at: settled.at, precision };
        match self.stamps.iter_mut().find(|known| known.code == code) {
            Some(known) if reported.at < known.at => *known = reported,
            Some(_) => {}
            None => self.stamps.push(reported),
        }
    }

    /// Returns whether a time stamp of a type was added.
    pub fn has(&self, code: &str) -> bool {
        self.stamps.iter().any(|stamp| stamp.code == code)
    }

    /// Writes the milestones. Types that the reference list lacks are left out.
    pub fn write(&self, event: &str, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let types = lookup.lists().of_table("milestone_type")?;
        for stamp in &self.stamps {
            let Some(type_id) = types.find(stamp.code) else { continue };
            let values = [
                ("event_ref", FieldValue::text(EventRef::id(event).staged())),
                ("milestone_type_id", FieldValue::Integer(Some(type_id))),
                ("sequence", FieldValue::Integer(Some(1))),
                ("occurred_at", FieldValue::Moment(Some(stamp.at))),
                ("time_precision", FieldValue::text(stamp.precision.code())),
            ];
            let source_id = format!("{event}|{}", stamp.code);
            sink.support(&ReadRecord::with(&MILESTONE, stamp.row, source_id, values))?;
        }
        Ok(())
    }
}
