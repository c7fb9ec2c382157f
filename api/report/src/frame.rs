//! Frame of every page.

use chrono::NaiveDate;

use crate::parameters::{Days, PageChoice};
use crate::wording::day;

/// Frame of every page: as-of day, version and notices.
#[derive(Clone, Debug, Default)]
pub struct PageFrame {
    /// As-of day.
    pub as_of: NaiveDate,
    /// Version of the warehouse.
    pub version: i64,
    /// True if the warehouse contains fictional data.
    pub fictional: bool,
    /// Audience.
    pub audience: String,
    /// Warning, e.g. that the database is unavailable.
    pub banner: String,
    /// Warning that the records end long before today, or before the as-of day.
    pub stale: String,
    /// Parameters shared by all pages, carried along by links.
    pub shared: Vec<(String, String)>,
    /// All parameters of the page, with those that other pages do not share.
    pub query: Vec<(String, String)>,
    /// First and last day of the period.
    pub period: Days,
    /// Choices of region and framework.
    pub choices: Vec<PageChoice>,
    /// True if the viewer signed in.
    pub signed_in: bool,
}

impl PageFrame {
    /// States the day, version and audience of the figures in one line.
    pub fn source(&self) -> String {
        format!("As of {} · data version {} · {}", day(self.as_of), self.version, self.audience)
    }

    /// Returns the chosen value of a filter shared by all pages.
    pub fn chosen(&self, name: &str) -> &str {
        self.shared.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}
