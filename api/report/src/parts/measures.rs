//! Measures that pages compare between regions and over time: label, what is counted, and which
//! direction is better.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use hotwash_metrics::{Dimension, MetricError, MetricRow, Reliability};
use hotwash_statistics::{Direction, Trend, benjamini_hochberg, trend};

use crate::context::{PageContext, key, start};
use crate::drawing::{Icon, Tone};
use crate::wording::{Better, course, suppressed_trend};

/// A measure that pages compare.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Id of the metric.
    pub metric: &'static str,
    /// Label.
    pub label: &'static str,
    /// The label inside a sentence.
    pub inside: &'static str,
    /// What is counted.
    pub what: &'static str,
    /// Direction that is better.
    pub better: Better,
    /// What its values can be tested for.
    pub tests: Tests,
}

/// What the values of a measure can be tested for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tests {
    /// Differences and trends.
    All,
    /// Differences alone: records of recent quarters had less time, those of early ones fewer
    /// records before them.
    Differences,
    /// Trends alone: its parts are not independent records.
    Trends,
    /// Nothing: no share.
    None,
}

const fn measure(
    metric: &'static str,
    label: &'static str,
    inside: &'static str,
    what: &'static str,
    better: Better,
    tests: Tests,
) -> Measure {
    Measure { metric, label, inside, what, better, tests }
}

/// Measures that compare regions.
pub static MEASURES: [Measure; 9] = [
    measure(
        "capability_performance",
        "Performed well (P or S)",
        "capability ratings of P or S",
        "ratings",
        Better::Higher,
        Tests::All,
    ),
    measure(
        "action_closure",
        "Actions closed",
        "actions closed",
        "actions opened",
        Better::Higher,
        Tests::Differences,
    ),
    measure(
        "action_on_time",
        "Actions finished on time",
        "actions finished on time",
        "actions due",
        Better::Higher,
        Tests::All,
    ),
    measure(
        "aar_timeliness",
        "Reports within 60 days",
        "reports within 60 days",
        "events",
        Better::Higher,
        Tests::All,
    ),
    measure(
        "repeat_findings",
        "Repeat findings",
        "areas for improvement that repeat an earlier one",
        "areas",
        Better::Lower,
        Tests::Differences,
    ),
    measure(
        "action_validation",
        "Actions validated",
        "completed actions validated",
        "completed actions",
        Better::Higher,
        Tests::Differences,
    ),
    measure(
        "participation",
        "Participating organizations",
        "participating organizations",
        "organizations",
        Better::Higher,
        Tests::All,
    ),
    measure(
        "resource_fill",
        "Resources filled",
        "requested resources filled",
        "requests",
        Better::Higher,
        Tests::Trends,
    ),
    measure(
        "action_time_to_close",
        "Days to close an action",
        "days to close an action",
        "actions",
        Better::Lower,
        Tests::None,
    ),
];

/// Minimum number of quarters for a verdict, as in the published trend of ratings.
pub const QUARTERS: usize = 6;

/// Share of false trends accepted among those that are named together.
const FALSE_DISCOVERIES: f64 = 0.05;

impl Tests {
    /// Returns true if the measure can be tested for a trend.
    pub fn trends(self) -> bool {
        matches!(self, Self::All | Self::Trends)
    }

    /// Returns true if the measure can be tested for differences.
    pub fn differences(self) -> bool {
        matches!(self, Self::All | Self::Differences)
    }
}

impl Measure {
    /// Returns the meaning of a region's position relative to its funnel.
    pub fn tone(&self, position: &str) -> Tone {
        match (position, self.better) {
            ("ABOVE", Better::Higher) | ("BELOW", Better::Lower) => Tone::Better,
            ("ABOVE", Better::Lower) | ("BELOW", Better::Higher) => Tone::Worse,
            _ => Tone::Plain,
        }
    }
}

/// Returns a day as decimal years.
pub fn years(day: NaiveDate) -> f64 {
    f64::from(day.year()) + f64::from(day.ordinal0()) / 365.25
}

/// Returns the points of a line over time: every quarter with records counts, however few.
pub fn points<'a>(rows: impl IntoIterator<Item = &'a MetricRow>) -> Vec<(f64, f64)> {
    rows.into_iter()
        .filter(|row| row.n > 0)
        .filter_map(|row| Some((years(start(row)?), row.value?)))
        .collect()
}

/// Returns the trend of each region over five years by region code: its icon and a sentence.
/// A trend counts as one only after correction for the number of regions tested.
pub fn region_trends(
    context: &PageContext<'_>,
    measure: &Measure,
) -> Result<BTreeMap<String, (Icon, String)>, MetricError> {
    let unit = hotwash_metrics::find(measure.metric)?.definition().unit;
    if !measure.tests.trends() {
        return Ok(BTreeMap::new());
    }
    let rows = context.quarters(measure.metric, &[Dimension::Region], &[])?;
    let mut lines: BTreeMap<String, Vec<&MetricRow>> = BTreeMap::new();
    for row in &rows {
        lines.entry(key(row, Dimension::Region)).or_default().push(row);
    }
    let tested: Vec<_> = lines
        .into_iter()
        .map(|(region, rows)| {
            let is_suppressed = rows.iter().any(|row| row.reliability == Reliability::Suppressed);
            let points = points(rows);
            let is_suppressed = is_suppressed && points.len() < QUARTERS;
            (region, is_suppressed, points.len(), trend(&points, QUARTERS))
        })
        .collect();
    let p: Vec<f64> =
        tested.iter().map(|(.., found)| found.test.map_or(1.0, |test| test.p)).collect();
    let significant = benjamini_hochberg(&p, FALSE_DISCOVERIES);
    let described = tested.into_iter().zip(significant).map(|(tested, is_one)| {
        let (region, is_suppressed, count, found) = tested;
        let found = match found.direction {
            Direction::Rising | Direction::Falling if !is_one => {
                Trend { direction: Direction::Steady, ..found }
            }
            _ => found,
        };
        let course = match is_suppressed {
            true => suppressed_trend(),
            false => course(&found, measure.better, unit, count),
        };
        (region, (course.icon, course.sentence))
    });
    Ok(described.collect())
}
