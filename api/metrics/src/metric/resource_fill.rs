//! Do we get the resources we request? Quantities filled of those requested, and how soon.

use serde_json::{Map, Value};

use super::{Metric, dimensions, single};
use crate::clusters::{CLUSTER, Clusters, RowClusters};
use crate::cube::{CellGroup, Condition, Cube, Measure, Term, column, cube, filled, integer, when};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::{Facts, SurvivalCurve};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, number};
use crate::snapshot::Snapshot;
use hotwash_statistics::{kaplan_meier_counted, wilson};

/// The metric.
pub struct ResourceFill;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "resource_fill",
    title: "Resource fill",
    question: "Do we get the resources we request?",
    unit: Unit::Share,
    formula: "Quantity filled / quantity requested, over requests that were not canceled. Also the \
        share of requests filled in full with its Wilson interval, and the share filled by the \
        time needed. The median minutes to fill are by Kaplan-Meier, with open requests censored \
        at the as-of day.",
    reference: "ICS 213RR; Kaplan and Meier 1958",
    dimensions: &[Dimension::Region, Dimension::Hazard, Dimension::HazardCategory],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("shareFull", "share of requests filled in full"),
        Extra::number("shareFullLow", "lower end of that share's interval"),
        Extra::number("shareFullHigh", "upper end of that share's interval"),
        Extra::integer("medianMinutes", "median minutes to fill"),
        Extra::number("onTime", "share filled by the time needed"),
    ],
};

/// Requests that were not canceled.
fn requests() -> Cube {
    Cube::of("resource_requests").by_day("local_date")
}

/// Quantities are stored in thousandths.
const THOUSANDTHS: f64 = 1_000.0;

fn got() -> Term {
    column("filled").or_else(integer(0))
}

/// Requests with the quantities requested and filled.
fn quantities() -> Cube {
    let got = when(got().under(column("asked")), got(), column("asked"));
    requests().sums(&["asked"]).measure("got", Measure::Sum(got))
}

/// The extra with the median of the minutes to fill.
const MEDIAN: &[&str] = &["medianMinutes"];

/// True if the minute in this column has come by the as-of day.
fn by_then(minute: &'static str, query: &MetricQuery) -> Condition {
    column(minute).up_to(integer(query.last_minute()))
}

/// Minutes from the request until it was filled, or else until the end of the as-of day.
fn minutes(query: &MetricQuery) -> Term {
    let asked = || column("asked_minute");
    let waited = integer(query.last_minute()).less(asked()).at_least(integer(0));
    when(by_then("filled_minute", query), column("filled_minute").less(asked()), waited)
}

impl Metric for ResourceFill {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let of = |cube| Facts::of("ResourceRequest", "request_id", cube);
        let curve = SurvivalCurve {
            time: minutes(query),
            closed: by_then("filled_minute", query),
            has_median_as_value: false,
            quantiles: MEDIAN,
            shares: &[],
        };
        let filled = by_then("filled_minute", query);
        Ok(vec![
            of(requests()).with_curve(curve),
            of(requests().only(by_then("needed_minute", query))).for_extras(&["onTime"]),
            // A median over few filled requests is the time of one request.
            of(requests().only(column("asked_minute").known()).only(filled)).for_extras(MEDIAN),
        ])
    }

    fn clusters(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Option<RowClusters>, MetricError> {
        let by_event = quantities().key(CLUSTER, column("event_id"));
        let groups = cube(snapshot, &by_event, query, group_by)?;
        let of = |group: &CellGroup| {
            let cells = group.integer("got").iter().zip(group.integer("asked"));
            let number = |sum: &Option<i64>| sum.unwrap_or_default() as f64 / THOUSANDTHS;
            let cells = cells.map(|(got, asked)| (number(got), number(asked)));
            (dimensions(group, group_by), Clusters::of(group, cells))
        };
        Ok(Some(groups.iter().map(of).collect()))
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let needed_by_then = || by_then("needed_minute", query);
        let requests = quantities()
            .key("minutes", minutes(query))
            .count("full", got().from(column("asked")))
            .count("done", by_then("filled_minute", query))
            .count("needed", needed_by_then())
            .count(
                "in_time",
                needed_by_then().and(column("filled_minute").up_to(column("needed_minute"))),
            );
        let groups = filled(cube(snapshot, &requests, query, group_by)?, query);
        let rows = groups.iter().filter(|group| group.count() > 0 || group.period.is_some()).map(
            |group| {
                let [wanted, got] =
                    ["asked", "got"].map(|name| group.sum(name) as f64 / THOUSANDTHS);
                let (full, all, needed) =
                    (group.sum("full") as f64, group.count() as f64, group.sum("needed") as f64);
                let cells =
                    group.integer("minutes").iter().zip(group.integer("done")).zip(group.counts());
                let observations: Vec<(i64, u64, u64)> = cells
                    .filter_map(|((minutes, done), count)| {
                        Some(((*minutes)?, done.unwrap_or_default() as u64, *count))
                    })
                    .collect();
                let interval = wilson(full, all);
                let mut extra = Map::new();
                extra.insert("shareFull".into(), number(Some(full / all)));
                extra.insert("shareFullLow".into(), number(interval.map(|(low, _)| low)));
                extra.insert("shareFullHigh".into(), number(interval.map(|(_, high)| high)));
                extra.insert(
                    "medianMinutes".into(),
                    kaplan_meier_counted(&observations)
                        .quantile(0.5)
                        .map_or(Value::Null, Value::from),
                );
                extra.insert(
                    "onTime".into(),
                    number((needed > 0.0).then(|| group.sum("in_time") as f64 / needed)),
                );
                let value = (wanted > 0.0).then(|| got / wanted);
                let mut row = single::row(
                    &DEFINITION,
                    &single::key(group),
                    group_by,
                    value,
                    None,
                    group.count() as usize,
                    extra,
                );
                (row.numerator, row.denominator) = (Some(got), Some(wanted));
                row
            },
        );
        Ok(rows.collect())
    }
}
