//! Choices for a fictional coalition, and the stories told in it.

use chrono::{Days, Months, NaiveDate};
use hotwash_schema::profile;

use crate::template::TableFormat;

/// Number of quarters; the last one ends with the as-of day.
pub(super) const QUARTERS: u32 = 20;

/// Characteristic of a region in every data set. Regions have these in order of the profile's list;
/// a seventh has the first again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Story {
    Untested,
    Aging,
    Improving,
    Relapsing,
    Steady,
    Flat,
    /// No characteristic: regions differ by chance alone.
    Ordinary,
}

pub(super) const STORIES: [Story; 6] =
    [Story::Untested, Story::Aging, Story::Improving, Story::Relapsing, Story::Steady, Story::Flat];

impl Story {
    pub(super) fn text(self, region: &str) -> String {
        match self {
            Self::Untested => {
                format!("region {region}'s top inherent risk, a cyber attack, is never exercised")
            }
            Self::Aging => {
                format!("region {region} has aging actions: many open for long past their due date")
            }
            Self::Improving => format!(
                "region {region} improves: the share of ratings P or S rises from about 45% to 90%"
            ),
            Self::Relapsing => format!(
                "region {region} relapses on Information Sharing, planning: the same area comes \
                 back after its action was completed"
            ),
            Self::Steady => format!(
                "region {region} activates in a stable time, with one outlier of about 150 minutes"
            ),
            Self::Flat => format!(
                "region {region} is flat: its share alternates around 68%, so that no trend can be \
                 found"
            ),
            Self::Ordinary => format!("region {region} differs from others by chance alone"),
        }
    }
}

/// Parameters of a data set.
#[derive(Clone, Debug)]
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
    /// True if the regions have their characteristics; false if they differ by chance alone.
    pub has_truths: bool,
    /// Codes of the regions.
    pub regions: Vec<String>,
}

/// Last day of the five years, unless another is given.
const AS_OF: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 30).expect("a day of the calendar");

impl Default for Recipe {
    fn default() -> Self {
        Self {
            scale: 1,
            seed: 1,
            as_of: AS_OF,
            format: TableFormat::Csv,
            has_truths: true,
            regions: profile::active().region_codes(),
        }
    }
}

impl Recipe {
    /// Returns the characteristic of a region, by its index in the list.
    pub(super) fn story(&self, region: usize) -> Story {
        if self.has_truths { STORIES[region % STORIES.len()] } else { Story::Ordinary }
    }

    /// Returns the first day of a quarter, counted from the oldest.
    pub(super) fn quarter_start(&self, quarter: u32) -> NaiveDate {
        let next = self.as_of.succ_opt().unwrap_or(self.as_of);
        next.checked_sub_months(Months::new(3 * (QUARTERS - quarter))).unwrap_or(next)
    }

    /// Returns a day of a quarter by a fraction of its length, not after the as-of day.
    pub(super) fn day(&self, quarter: u32, share: f64) -> NaiveDate {
        let start = self.quarter_start(quarter);
        start
            .checked_add_days(Days::new((share.clamp(0.0, 0.999) * 89.0) as u64))
            .unwrap_or(start)
            .min(self.as_of)
    }
}
