//! An event for the other parts of the generator.

use chrono::NaiveDate;

use crate::generate::Story;
use crate::generate::people::GeneratedOrganization;

/// An event for the other parts of the generator.
pub struct GeneratedEvent<'a> {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Code of the region.
    pub region: &'a str,
    /// Characteristic of the region.
    pub story: Story,
    /// Quarter.
    pub quarter: u32,
    /// Hazard in words.
    pub hazard: &'static str,
    /// Date.
    pub on: NaiveDate,
    /// Participating organizations.
    pub present: Vec<&'a GeneratedOrganization>,
    /// Date of the final report, if it exists by the as-of day.
    pub final_on: Option<NaiveDate>,
}
