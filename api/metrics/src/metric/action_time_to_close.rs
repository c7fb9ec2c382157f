//! How long does it take to close an action? Days from opening to completion; open ones are
//! censored.

use serde_json::{Map, Value, json};

use super::{Metric, RowTimes, dimensions};
use crate::clusters::CLUSTER;
use crate::cube::{CellGroup, Cube, Term, column, cube, day, filled, integer, when};
use crate::definition::{Extra, MetricDefinition, STEPS, Unit};
use crate::facts::{Facts, Part, SurvivalCurve};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability, number};
use crate::snapshot::{Snapshot, opened};
use hotwash_statistics::{Observed, kaplan_meier_counted};

/// The metric.
pub struct ActionTimeToClose;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "action_time_to_close",
    title: "Time to close",
    question: "How long does it take to close an action?",
    unit: Unit::Days,
    formula: "Kaplan-Meier median of the days from opening to completion. Open actions are \
        censored at the as-of day, canceled ones at their cancellation. Median interval by \
        Brookmeyer and Crowley with log(-log) limits. S(t), the share still open after t days, has \
        no value beyond the longest follow-up. A release states a median or limit only if at least \
        5 closures of 3 organizations came by then and as many actions were at risk, and S(t) only \
        if as many were at risk at t.",
    reference: "Kaplan and Meier 1958; Brookmeyer and Crowley 1982",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 10,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("survival90", "share still open after 90 days"),
        Extra::number("survival180", "share still open after 180 days"),
        Extra::number("survival365", "share still open after 365 days"),
        Extra::integer("closed", "actions completed"),
        Extra::list(
            "curve",
            "for each closure: time, share still open, and the ends of its interval",
            "Step",
            STEPS,
        ),
    ],
};

/// Extras with the share still open after so many days.
const SURVIVAL: &[(&str, i64)] = &[("survival90", 90), ("survival180", 180), ("survival365", 365)];

impl Metric for ActionTimeToClose {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        // Each step of the curve is a single closure.
        let curve = SurvivalCurve {
            time: days(query),
            closed: column("completed_on").up_to(day(query.as_of)),
            has_median_as_value: true,
            quantiles: &[],
            shares: SURVIVAL,
        };
        Ok(vec![
            counted(query).with_curve(curve).counted_in(&["closed"]),
            counted(query).for_extras(&["curve"]).unreleased(),
        ])
    }

    fn times(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<RowTimes, MetricError> {
        let by_event = opened_by_days(query).key(CLUSTER, column("event_id"));
        let groups = cube(snapshot, &by_event, query, group_by)?;
        let times = |group: &CellGroup| -> Vec<Observed> {
            let clusters = group.integer(CLUSTER).iter().zip(observations(group));
            let observed = clusters.map(|(cluster, (time, closed, all))| Observed {
                cluster: *cluster,
                time,
                closed,
                all,
            });
            observed.collect()
        };
        Ok(groups.iter().map(|group| (dimensions(group, group_by), times(group))).collect())
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        Ok(groups(snapshot, query, group_by)?
            .iter()
            .filter(|group| group.count() > 0 || group.period.is_some())
            .map(|group| survival(group, group_by))
            .collect())
    }
}

/// Returns the groups of actions, with their days until the end.
fn groups(
    snapshot: &Snapshot,
    query: &MetricQuery,
    group_by: &[Dimension],
) -> Result<Vec<CellGroup>, MetricError> {
    Ok(filled(cube(snapshot, &opened_by_days(query), query, group_by)?, query))
}

/// Returns the cube with the number of actions for each duration in days.
fn opened_by_days(query: &MetricQuery) -> Cube {
    counted(query).counting("closed").key("days", days(query))
}

/// Days from opening to completion or cancellation, or else to the as-of day.
fn days(query: &MetricQuery) -> Term {
    let as_of = || day(query.as_of);
    let by_then = |name: &'static str| column(name).up_to(as_of());
    let end = when(
        by_then("completed_on"),
        column("completed_on"),
        when(by_then("cancelled_on"), column("cancelled_on"), as_of()),
    );
    end.less(column("opened_on")).at_least(integer(0))
}

/// Opened actions. Those completed by the as-of day are events; the others are censored.
pub(super) fn counted(query: &MetricQuery) -> Facts {
    let by_then = |name: &'static str| column(name).up_to(day(query.as_of));
    let not_by = |name: &'static str| column(name).not_by(day(query.as_of));
    Facts::actions(opened(query).by_day("opened_on"))
        .numerator(by_then("completed_on"))
        .part(Part::Censored, not_by("completed_on").and(not_by("cancelled_on")))
        .censored_otherwise()
        // All except canceled actions, whose number is not protected.
        .split([not_by("cancelled_on")])
}

fn observations(group: &CellGroup) -> Vec<(i64, u64, u64)> {
    let cells = group.integer("days").iter().zip(group.integer("closed")).zip(group.counts());
    cells
        .map(|((days, closed), count)| {
            (days.unwrap_or_default(), closed.unwrap_or_default() as u64, *count)
        })
        .collect()
}

fn survival(group: &CellGroup, group_by: &[Dimension]) -> MetricRow {
    let estimate = kaplan_meier_counted(&observations(group));
    let median = estimate.quantile(0.5);
    let (low, high) = estimate.median_interval();
    let meets_minimum = estimate.n >= 10 && estimate.events >= 5;
    let mut extra = Map::new();
    for (name, day) in SURVIVAL {
        extra.insert((*name).to_owned(), number(estimate.at(*day)));
    }
    extra.insert("closed".into(), estimate.events.into());
    let curve = estimate
        .steps
        .iter()
        .map(|step| json!({"time": step.time, "survival": step.survival, "low": step.low, "high": step.high}));
    extra.insert("curve".into(), Value::Array(curve.collect()));
    let note = if !meets_minimum {
        Some(format!("actions: {}, closures: {}; 10 and 5 needed", estimate.n, estimate.events))
    } else {
        median.is_none().then(|| "fewer than half are closed: there is no median yet".to_owned())
    };
    MetricRow {
        dimensions: dimensions(group, group_by),
        value: median.map(|days| days as f64),
        unit: DEFINITION.unit,
        numerator: None,
        denominator: None,
        n: estimate.n as u64,
        ci_low: low.map(|days| days as f64),
        ci_high: high.map(|days| days as f64),
        reliability: if meets_minimum { Reliability::Ok } else { Reliability::LowN },
        note,
        extra,
    }
}
