//! Frame of every page.

use chrono::NaiveDate;

use crate::parameters::PageChoice;

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
    /// Parameters shared by all pages, carried along by links.
    pub shared: Vec<(String, String)>,
    /// First day asked for.
    pub from: String,
    /// Last day asked for.
    pub to: String,
    /// Choices of region and framework.
    pub choices: Vec<PageChoice>,
    /// True if the viewer signed in.
    pub signed_in: bool,
}

impl PageFrame {
    /// Returns the chosen value of a filter shared by all pages.
    pub fn chosen(&self, name: &str) -> &str {
        self.shared.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}
