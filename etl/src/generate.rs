//! Generates a fictional coalition's data in Hotwash's own templates from a seed, with built-in
//! facts that the metrics must find.
//!
//! Uses the templates and the phrases; independent of the warehouse.

mod events;
mod improvement;
mod people;
mod phrases;
mod risk;
mod tables;

use chrono::{Datelike, Days, Months, NaiveDate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::template::TableFormat;
pub use tables::{Folder, GenerateError, Memory, OutputTarget};

/// Region codes.
pub const REGIONS: [&str; 6] = ["1", "2", "3", "4AB", "4C", "5"];
/// Number of quarters; the last one contains the as-of day.
const QUARTERS: u32 = 20;

/// Facts in every generated data set, for any scale and seed.
pub const TRUTHS: [&str; 6] = [
    "region 3 improves: the share of ratings P or S rises from about 45 % to 90 %",
    "region 5 is flat: its share alternates around 68 %, so that no trend can be found",
    "region 2 has aging actions: many open for long past their due date",
    "region 1's top inherent risk, a cyber attack, is never exercised",
    "region 4AB relapses on Information Sharing, planning: the same area comes back after its \
     action was completed",
    "region 4C activates in a stable time, with one outlier of about 150 minutes",
];

/// Parameters of a data set.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Scale 1 is about 400 events, 2,500 ratings, 3,000 actions and 60 assessments over five
    /// years.
    pub scale: u32,
    /// Seed; the same seed generates the same files.
    pub seed: u64,
    /// Last day of the five years.
    pub as_of: NaiveDate,
    /// Format of the files.
    pub format: TableFormat,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            scale: 1,
            seed: 1,
            as_of: NaiveDate::from_ymd_opt(2026, 6, 30).unwrap_or_default(),
            format: TableFormat::Csv,
        }
    }
}

/// Writes the data set. Its memory does not depend on the scale.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub fn generate(recipe: &Recipe, index: &dyn OutputTarget) -> Result<(), GenerateError> {
    let mut tables = tables::Tables::open(recipe, index)?;
    let mut random = ChaCha8Rng::seed_from_u64(recipe.seed);
    let phrases = phrases::Phrases::read()?;
    let people = people::write(recipe, &mut tables)?;
    risk::write(recipe, &people, &mut tables, &mut random)?;
    let mut states = events::states();
    for quarter in 0..QUARTERS {
        for (region, state) in states.iter_mut().enumerate() {
            events::write_quarter(
                recipe,
                region,
                quarter,
                state,
                &people,
                &phrases,
                &mut tables,
                &mut random,
            )?;
        }
    }
    tables.finish()
}

impl Recipe {
    /// Returns the first day of a quarter, counted from the oldest.
    fn quarter_start(&self, quarter: u32) -> NaiveDate {
        let month = (self.as_of.month() - 1) / 3 * 3 + 1;
        let current = NaiveDate::from_ymd_opt(self.as_of.year(), month, 1).unwrap_or(self.as_of);
        current.checked_sub_months(Months::new(3 * (QUARTERS - 1 - quarter))).unwrap_or(current)
    }

    /// Returns a day of a quarter by a fraction of its length, not after the as-of day.
    fn day(&self, quarter: u32, share: f64) -> NaiveDate {
        let start = self.quarter_start(quarter);
        start
            .checked_add_days(Days::new((share.clamp(0.0, 0.999) * 89.0) as u64))
            .unwrap_or(start)
            .min(self.as_of)
    }
}
