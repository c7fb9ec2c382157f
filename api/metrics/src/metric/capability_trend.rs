//! Is it getting better? The trend of the quarterly share of ratings P or S.

use serde_json::{Map, Value};

use super::capability_performance::ratings;
use super::{Metric, dimensions};
use crate::cube::{CellGroup, cube};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, Grain, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability, number};
use crate::snapshot::Snapshot;
use hotwash_schema::vocabulary::Vocabulary;
use hotwash_statistics::{Direction, benjamini_hochberg, exact_p, trend};

/// The metric.
pub struct CapabilityTrend;

/// Directions of a trend.
static VERDICT: Vocabulary = Vocabulary {
    name: "CapabilityTrendVerdict",
    meaning: "Direction of a trend.",
    codes: &["IMPROVING", "DECLINING", "NO_DETECTABLE_TREND", "TOO_FEW"],
    meanings: &[
        "The share rises (p < 0.05).",
        "The share falls (p < 0.05).",
        "No trend is detectable. There may be one.",
        "Too few periods have ratings.",
    ],
};

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "capability_trend",
    title: "Capability trend",
    question: "Is it getting better?",
    unit: Unit::SharePerYear,
    formula: "Trend of the share P + S over quarters with ratings, or over the requested periods. \
        Two-sided Mann-Kendall test with tie and continuity correction. Theil-Sen slope per \
        calendar year with its 95% interval. Improving or declining at p < 0.05, otherwise no \
        detectable trend. Fewer than 6 periods with ratings are too few to judge.",
    reference: "Mann 1945; Kendall 1975; Theil 1950; Sen 1968",
    dimensions: &[
        Dimension::Region,
        Dimension::Capability,
        Dimension::Framework,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 6,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::code("verdict", "direction of the trend", &VERDICT),
        Extra::number("slope", "change of the share per year"),
        Extra::number("pValue", "two-sided probability of such a trend by chance alone"),
        Extra::number(
            "pExact",
            "exact probability over all orders, for at most 10 periods without ties",
        ),
        Extra::integer("s", "Kendall's S"),
        Extra::number("z", "standard score"),
        Extra::integer("periods", "quarters, or requested periods, with ratings"),
        Extra::flag(
            "significantInList",
            "significant by Benjamini-Hochberg at q <= 0.10 over the rows of this answer",
        ),
    ],
};

impl Metric for CapabilityTrend {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, _query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        Ok(vec![ratings().unsplit()])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let series = MetricQuery { period: query.period.or(Some(Grain::Quarter)), ..query.clone() };
        let ratings = ratings().counting("good");
        let steps = cube(snapshot, &ratings, &series, group_by)?;
        let groups = steps.chunk_by(|left, right| left.keys == right.keys);
        let mut rows: Vec<MetricRow> = groups.map(|quarters| row(quarters, group_by)).collect();
        // Many tests at once: a trend is called significant only with a correction for all rows.
        let tested: Vec<(usize, f64)> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.reliability == Reliability::Ok)
            .filter_map(|(position, row)| Some((position, row.extra.get("pValue")?.as_f64()?)))
            .collect();
        let is_significant =
            benjamini_hochberg(&tested.iter().map(|(_, p)| *p).collect::<Vec<_>>(), 0.10);
        for ((position, _), is_significant) in tested.into_iter().zip(is_significant) {
            rows[position].extra.insert("significantInList".into(), is_significant.into());
        }
        Ok(rows)
    }
}

fn row(quarters: &[CellGroup], group_by: &[Dimension]) -> MetricRow {
    let points: Vec<(f64, f64)> = quarters
        .iter()
        .filter(|quarter| quarter.count() > 0)
        .filter_map(|quarter| {
            Some((
                years(quarter.period?.start),
                quarter.sum("good") as f64 / quarter.count() as f64,
            ))
        })
        .collect();
    let meets_minimum = points.len() as u64 >= DEFINITION.minimum_n;
    let found = trend(&points, DEFINITION.minimum_n as usize);
    let (test, slope) = (found.test, found.slope);
    let verdict = match found.direction {
        Direction::Rising => "IMPROVING",
        Direction::Falling => "DECLINING",
        Direction::Steady => "NO_DETECTABLE_TREND",
        Direction::TooFewValues => "TOO_FEW",
    };
    let mut extra = Map::new();
    extra.insert("verdict".into(), verdict.into());
    extra.insert("slope".into(), number(slope.map(|slope| slope.slope)));
    extra.insert("pValue".into(), number(test.map(|test| test.p)));
    let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    let tied = (1..values.len()).any(|position| values[..position].contains(&values[position]));
    let exact = test.filter(|_| !tied).and_then(|test| exact_p(values.len(), test.s));
    extra.insert("pExact".into(), number(exact));
    extra.insert("s".into(), test.map_or(Value::Null, |test| test.s.into()));
    extra.insert("z".into(), number(test.map(|test| test.z)));
    extra.insert("periods".into(), points.len().into());
    let mut keys = dimensions(&quarters[0], group_by);
    keys.remove("period");
    keys.remove("periodStart");
    MetricRow {
        dimensions: keys,
        value: slope.map(|slope| slope.slope),
        unit: DEFINITION.unit,
        numerator: None,
        denominator: None,
        n: quarters.iter().map(CellGroup::count).sum(),
        ci_low: slope.map(|slope| slope.low),
        ci_high: slope.map(|slope| slope.high),
        reliability: if meets_minimum { Reliability::Ok } else { Reliability::LowN },
        note: (!meets_minimum)
            .then(|| format!("{} of {} periods needed", points.len(), DEFINITION.minimum_n)),
        extra,
    }
}

/// Calendar time in years, so that quarters without ratings are gaps.
fn years(day: chrono::NaiveDate) -> f64 {
    use chrono::Datelike;
    f64::from(day.year()) + f64::from(day.month0()) / 12.0
}
