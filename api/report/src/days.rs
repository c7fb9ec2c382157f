//! Days that a page judges by: how far the records reach, and the period of each metric.

use chrono::{Months, NaiveDate};
use hotwash_metrics::{Grain, Period};

use crate::parameters::Days;

/// How a metric uses the page's period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Counts the records of the period.
    Period,
    /// Describes the state on the as-of day, whatever the period.
    State,
    /// Needs a longer time than the default period; heeds a chosen period.
    Long,
    /// Counts records once this many months have passed since their day. A period that is too recent
    /// for that is moved back.
    Delayed(u32),
}

impl Extent {
    /// Returns how a metric uses the period.
    pub fn of(metric: &str) -> Self {
        match metric {
            "action_backlog" | "action_forecast" | "action_overdue" | "hazard_coverage"
            | "risk_profile" => Self::State,
            "action_time_to_close"
            | "capability_trend"
            | "data_quality"
            | "improvement_priority"
            | "response_control" => Self::Long,
            "action_validation" => Self::Delayed(12),
            _ => Self::Period,
        }
    }
}

/// Returns the days of a period that a metric counts.
pub fn days_within(metric: &str, period: Days, as_of: NaiveDate) -> Days {
    match Extent::of(metric) {
        Extent::Delayed(months) => delayed(period, months, as_of),
        Extent::Period | Extent::Long | Extent::State => period,
    }
}

/// Moves a period back by whole years until its last day is this many months before the as-of day.
/// A period without a last day stays: it contains older records.
fn delayed((from, to): Days, months: u32, as_of: NaiveDate) -> Days {
    let latest = as_of.checked_sub_months(Months::new(months));
    let (Some(mut to), Some(latest)) = (to, latest) else { return (from, to) };
    let mut from = from;
    while to > latest {
        let year = Months::new(12);
        let Some(earlier) = to.checked_sub_months(year) else { break };
        (from, to) = (from.and_then(|day| day.checked_sub_months(year)), earlier);
    }
    (from, Some(to))
}

/// Days without a new record after which the readers are warned.
const LATE: i64 = 45;

/// Days by which a region may be behind the newest one before the readers are warned.
const BEHIND: i64 = 21;

/// How far the coalition's records reach, in total and by region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Newest day of all regions.
    pub through: Option<NaiveDate>,
    /// Newest day by region code.
    pub regions: Vec<(String, NaiveDate)>,
}

impl Reach {
    /// Returns the reach of regions with their newest days.
    pub fn new(regions: Vec<(String, NaiveDate)>) -> Self {
        Self { through: regions.iter().map(|(_, day)| *day).max(), regions }
    }

    /// Returns true if no new record came for a long time before a day.
    pub fn is_late(through: NaiveDate, day: NaiveDate) -> bool {
        (day - through).num_days() > LATE
    }

    /// Returns true if a region's records end so long before those of the newest region that what
    /// was due since may have been done.
    pub fn is_behind(region: NaiveDate, newest: NaiveDate) -> bool {
        (newest - region).num_days() > BEHIND
    }
}

/// Returns first and last day of the last 20 complete quarters up to a day.
pub fn five_years_before(day: NaiveDate) -> Days {
    let quarter = Period::of(day, Grain::Quarter);
    let end = if quarter.end() == day { Some(day) } else { quarter.start.pred_opt() };
    let next = end.and_then(|end| end.succ_opt());
    (next.and_then(|next| next.checked_sub_months(Months::new(60))), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_line_shows_twenty_complete_quarters() {
        for (last, from, end) in
            [("2026-06-30", "2021-07-01", "2026-06-30"), ("2026-06-29", "2021-04-01", "2026-03-31")]
        {
            assert_eq!(five_years_before(day(last)), (Some(day(from)), Some(day(end))));
        }
    }

    #[test]
    fn records_reach_as_far_as_those_of_the_newest_region() {
        let regions = [("1", "2026-05-01"), ("2", "2026-06-14")];
        let reach = Reach::new(regions.map(|(code, on)| (code.to_owned(), day(on))).to_vec());
        assert_eq!(reach.through, Some(day("2026-06-14")));
        assert!(Reach::is_late(day("2026-06-14"), day("2026-11-29")));
        assert!(!Reach::is_late(day("2026-10-31"), day("2026-11-29")));
        assert!(Reach::is_behind(day("2026-10-31"), day("2026-11-29")));
        assert!(!Reach::is_behind(day("2026-10-26"), day("2026-10-31")));
        assert_eq!(Reach::new(Vec::new()).through, None);
    }
}
