//! An expected feed as it is.

use chrono::NaiveDate;
use hotwash_schema::day::readable_day;
use serde::{Deserialize, Serialize};

use super::cadence::Cadence;

/// A source from a region, or from all regions together, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Source or layout.
    pub source: String,
    /// Its name for readers.
    #[serde(default)]
    pub source_name: String,
    /// Code of the region; none for a source that is not sent by regions.
    pub region: Option<String>,
    /// Short name and code of the region.
    #[serde(default)]
    pub region_name: Option<String>,
    /// Time between two deliveries.
    pub cadence: Cadence,
    /// Least and most records in one cadence.
    pub volume: Option<(u64, u64)>,
    /// Day of the newest record; none if none ever came.
    pub newest: Option<NaiveDate>,
    /// Records in the cadence that ends with the newest record.
    pub records: u64,
    /// Expected headings that the newest loaded file of the source does not have.
    pub missing_headings: Vec<String>,
    /// Tables of the warehouse with records of the source.
    pub(crate) tables: Vec<String>,
}

/// Judgment of a feed, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// No record came when it was expected.
    Overdue,
    /// Fewer or more records than usual.
    OutsideBand,
    /// The newest file lacks a heading.
    HeadingsMissing,
    /// As expected.
    AsExpected,
}

impl FeedState {
    /// Returns the name of the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::OutsideBand => "outside its band",
            Self::HeadingsMissing => "headings missing",
            Self::AsExpected => "as expected",
        }
    }
}

impl Feed {
    /// Returns the day by which the next record should come; none if none ever came.
    pub fn expected_by(&self) -> Option<NaiveDate> {
        self.newest.map(|newest| self.cadence.after(newest))
    }

    /// Returns the days since the next record should have come: 0 if it is not overdue, none if no
    /// record ever came.
    pub fn days_overdue(&self, today: NaiveDate) -> Option<i64> {
        self.expected_by().map(|expected| (today - expected).num_days().max(0))
    }

    /// Returns true if a record should have come before this day, or none ever came.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.days_overdue(today) != Some(0)
    }

    /// Judges the feed.
    pub fn state(&self, today: NaiveDate) -> FeedState {
        if self.is_overdue(today) {
            FeedState::Overdue
        } else if self.volume.is_some_and(|(least, most)| !(least..=most).contains(&self.records)) {
            FeedState::OutsideBand
        } else if !self.missing_headings.is_empty() {
            FeedState::HeadingsMissing
        } else {
            FeedState::AsExpected
        }
    }

    /// Returns its name, such as `Duty officer logs of Northeast (3)`.
    pub fn name(&self) -> String {
        match &self.region_name {
            Some(region) => format!("{} of {region}", self.source_name),
            None => self.source_name.clone(),
        }
    }

    /// Returns the note that names an overdue feed and the day it was expected by.
    pub fn overdue_note(&self) -> String {
        match self.expected_by() {
            Some(expected) => {
                format!("{}: overdue, expected by {}", self.name(), readable_day(expected))
            }
            None => format!("{}: never came", self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_judged_by_its_newest_record_then_its_volume_then_its_headings() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut feed = Feed {
            source: "duty_officer_log".into(),
            source_name: "Duty officer logs".into(),
            region: Some("3".into()),
            region_name: Some("Northeast (3)".into()),
            cadence: "monthly".parse().unwrap(),
            volume: Some((5, 20)),
            newest: Some(day("2026-06-14")),
            records: 4,
            missing_headings: vec!["Log number".into()],
            tables: Vec::new(),
        };
        let states = |feed: &Feed| [feed.state(day("2026-07-14")), feed.state(day("2026-07-15"))];
        assert_eq!(states(&feed), [FeedState::OutsideBand, FeedState::Overdue]);
        assert_eq!(feed.days_overdue(day("2026-07-24")), Some(10));
        let note = "Duty officer logs of Northeast (3): overdue, expected by Jul 14, 2026";
        assert_eq!(feed.overdue_note(), note);
        feed.records = 5;
        assert_eq!(states(&feed)[0], FeedState::HeadingsMissing);
        feed.missing_headings.clear();
        assert_eq!(states(&feed)[0], FeedState::AsExpected);
        feed.newest = None;
        assert_eq!(states(&feed)[0], FeedState::Overdue);
        assert_eq!(feed.overdue_note(), "Duty officer logs of Northeast (3): never came");
    }
}
