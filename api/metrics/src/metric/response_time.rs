//! How fast are we? Minutes between two milestones; pairs that were never completed count as
//! censored.

use serde_json::{Map, Value};

use super::{Metric, RowTimes, amount, choice, dimensions, single};
use crate::cube::{CellGroup, Cube, Term, column, cube, filled, integer, when};
use crate::definition::{Extra, MetricDefinition, Parameter, Unit};
use crate::facts::{Facts, SurvivalCurve};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability, number};
use crate::snapshot::{STAMPS, Snapshot};
use hotwash_statistics::{Observed, kaplan_meier_counted};

/// The metric.
pub struct ResponseTime;

/// Milestones that a pair may name.
const MILESTONES: &[&str] = &[
    "notified",
    "acknowledged",
    "activated",
    "staff_assembled",
    "members_notified",
    "first_sitrep",
    "eei_requested",
    "eei_collected",
    "resource_requested",
    "resource_filled",
    "demobilized",
    "hotwash_held",
];

pub(super) const FROM: Parameter = Parameter::choice(
    "fromMilestone",
    "milestone that starts the clock",
    "\"notified\"",
    MILESTONES,
);
pub(super) const TO: Parameter =
    Parameter::choice("toMilestone", "milestone that stops the clock", "\"activated\"", MILESTONES);
const TARGET: Parameter = Parameter::number("target", "target in minutes", "60", 525_600);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "response_time",
    title: "Response time",
    question: "How fast are we?",
    unit: Unit::Minutes,
    formula: "Kaplan-Meier median of the minutes from one milestone to another. A pair that was \
        never completed is censored at the end of the incident or at the limit for exercises, but \
        not after the as-of day. Pairs with a milestone known only to the day do not count.",
    reference: "Kaplan and Meier 1958; HPP measures 17, 19, 21",
    dimensions: &[
        Dimension::Region,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
        Dimension::ExerciseType,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 6,
    parameters: &[FROM, TO, TARGET],
    single_records: &[],
    extras: &[
        Extra::integer("p90", "90th percentile; requires 10 pairs"),
        Extra::integer("incomplete", "pairs never completed"),
        Extra::number("withinTarget", "share within the target; incomplete pairs count as late"),
        Extra::parameter("fromMilestone", "first milestone"),
        Extra::parameter("toMilestone", "second milestone"),
    ],
};

/// Time of censoring: the exercise's limit, else the end of the event, but not after the as-of day.
fn until(query: &MetricQuery) -> Term {
    let last = || integer(query.last_minute());
    let limit =
        || column("start_minute").plus(column("limit_minutes")).or_else(column("end_minute"));
    when(limit().up_to(last()), limit(), last())
}

/// Pairs of milestones, completed or still open at the end of the event. Milestones known only to
/// the day and negative durations do not count.
pub(super) fn pairs(from: &'static str, to: &'static str, query: &MetricQuery) -> Cube {
    counted(from, to)
        .cube()
        .key("minutes", minutes(from, to, query))
        .count("done", column(to).known())
}

/// Minutes from the first milestone to the second, or else to the time of censoring.
fn minutes(from: &'static str, to: &'static str, query: &MetricQuery) -> Term {
    when(column(to).known(), column(to), until(query)).less(column(from)).at_least(integer(0))
}

/// Events with the first milestone; those with the second one are in the numerator.
pub(super) fn counted(from: &'static str, to: &'static str) -> Facts {
    let by_day = STAMPS.iter().find(|(minute, _)| *minute == to).map_or(to, |(_, day)| *day);
    let open = column(to).known().not().and(column(by_day).known().not());
    let timed = column(to).from(column(from)).or(open);
    let pairs = Cube::of("timings").by_day("local_date").only(column(from).known()).only(timed);
    Facts::events(pairs).numerator(column(to).known()).censored_otherwise()
}

fn observations(group: &CellGroup) -> Vec<(i64, u64, u64)> {
    let cells = group.integer("minutes").iter().zip(group.integer("done")).zip(group.counts());
    cells
        .map(|((minutes, done), count)| {
            (minutes.unwrap_or_default(), done.unwrap_or_default() as u64, *count)
        })
        .collect()
}

impl Metric for ResponseTime {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let (from, to) = (choice(&DEFINITION, query, &FROM)?, choice(&DEFINITION, query, &TO)?);
        Ok(vec![counted(from, to).counted_in(&["incomplete"]).with_curve(SurvivalCurve {
            time: minutes(from, to, query),
            closed: column(to).known(),
            has_median_as_value: true,
            quantiles: &["p90"],
            shares: &[],
        })])
    }

    fn times(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<RowTimes, MetricError> {
        let (from, to) = (choice(&DEFINITION, query, &FROM)?, choice(&DEFINITION, query, &TO)?);
        let groups = cube(snapshot, &pairs(from, to, query), query, group_by)?;
        let times = |group: &CellGroup| -> Vec<Observed> {
            let observed = observations(group).into_iter();
            observed.map(|(time, closed, all)| Observed::of(time, closed, all)).collect()
        };
        Ok(groups.iter().map(|group| (dimensions(group, group_by), times(group))).collect())
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let (from, to) = (choice(&DEFINITION, query, &FROM)?, choice(&DEFINITION, query, &TO)?);
        let target = amount(&DEFINITION, query, &TARGET)? as i64;
        let groups = filled(cube(snapshot, &pairs(from, to, query), query, group_by)?, query);
        let rows = groups.iter().filter(|group| group.count() > 0 || group.period.is_some()).map(
            |group| {
                let observations = observations(group);
                let estimate = kaplan_meier_counted(&observations);
                let (low, high) = estimate.median_interval();
                // A pair that is censored before the target is neither within nor beyond it.
                let (mut judged, mut within) = (0, 0);
                for (minutes, done, count) in &observations {
                    judged += if *minutes >= target { *count } else { *done };
                    within += if *minutes <= target { *done } else { 0 };
                }
                let mut extra = Map::new();
                extra.insert(
                    "p90".into(),
                    (estimate.n >= 10)
                        .then(|| estimate.quantile(0.9))
                        .flatten()
                        .map_or(Value::Null, Value::from),
                );
                extra.insert("incomplete".into(), (estimate.n - estimate.events).into());
                extra.insert(
                    "withinTarget".into(),
                    number((judged > 0).then(|| within as f64 / judged as f64)),
                );
                extra.insert("fromMilestone".into(), from.into());
                extra.insert("toMilestone".into(), to.into());
                let mut row = single::row(
                    &DEFINITION,
                    &single::key(group),
                    group_by,
                    estimate.quantile(0.5).map(|minutes| minutes as f64),
                    None,
                    estimate.n,
                    extra,
                );
                (row.ci_low, row.ci_high) =
                    (low.map(|minutes| minutes as f64), high.map(|minutes| minutes as f64));
                if row.value.is_none() && row.reliability == Reliability::Ok {
                    row.note = Some("fewer than half were completed: there is no median".into());
                }
                row
            },
        );
        Ok(rows.collect())
    }
}
