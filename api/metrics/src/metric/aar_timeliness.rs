//! How soon is the after-action report published? Missing reports count as late.

use serde_json::{Map, Value, json};

use super::{Metric, amount, single};
use crate::cube::{Condition, Cube, Term, column, cube, day, filled, integer, is, when};
use crate::definition::{Extra, MetricDefinition, Parameter, STEPS, Unit};
use crate::facts::{Facts, SurvivalCurve};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, number};
use crate::snapshot::Snapshot;
use hotwash_statistics::kaplan_meier_counted;

/// The metric.
pub struct AarTimeliness;

const DAYS: Parameter = Parameter::number("days", "target in days", "60", 3_650);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "aar_timeliness",
    title: "AAR timeliness",
    question: "How soon is the after-action report published?",
    unit: Unit::Share,
    formula: "Events whose final report came within the target (60 days) of their end / events \
        that owe a report and ended at least that long ago. Wilson interval. The median days are \
        by Kaplan-Meier: events without a report are censored at the as-of day. An event belongs \
        to the period of its own date.",
    reference: "CDC PHEP measure 3.3; Vermont indicator; Kaplan and Meier 1958",
    dimensions: &[
        Dimension::Region,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
        Dimension::ExerciseType,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[DAYS],
    single_records: &[],
    extras: &[
        Extra::number("share30", "share within 30 days"),
        Extra::number("share60", "share within 60 days"),
        Extra::number("share90", "share within 90 days"),
        Extra::number("share120", "share within 120 days"),
        Extra::integer("medianDays", "Kaplan-Meier median of the days"),
        Extra::integer("medianLow", "lower end of the median's interval"),
        Extra::integer("medianHigh", "upper end of the median's interval"),
        Extra::integer("owed", "events that owe a report"),
        Extra::integer("final", "events that owe a report and have a final one"),
        Extra::list(
            "curve",
            "for each day: the share of events still without a report",
            "Step",
            STEPS,
        ),
    ],
};

/// Events old enough for a limit, those with a report within it, and the limit in days.
const LIMITS: [(&str, &str, i64); 4] = [
    ("old30", "done30", 30),
    ("old60", "done60", 60),
    ("old90", "done90", 90),
    ("old120", "done120", 120),
];

/// Extras over all events that owe a report, even recent ones.
const OF_ALL: &[&str] = &["owed", "final"];

/// Extras over the events that have a report.
const OF_FINAL: &[&str] = &["medianDays", "medianLow", "medianHigh"];

/// Events that owe a report and have ended by the as-of day.
fn owed(query: &MetricQuery) -> Cube {
    Cube::of("events")
        .by_day("local_date")
        .only(is("owes_aar"))
        .only(column("end_date").up_to(day(query.as_of)))
}

/// True if the final report exists by the as-of day.
fn final_by(query: &MetricQuery) -> Condition {
    final_on().up_to(day(query.as_of))
}

/// Day of the final report: as the report states it, else the day of its milestone.
fn final_on() -> Term {
    column("final_on").or_else(column("final_stamp_on"))
}

/// Days from the end of the event to its final report.
fn took() -> Term {
    final_on().less(column("end_date")).at_least(integer(0))
}

/// Days from the end of the event to the as-of day.
fn age(query: &MetricQuery) -> Term {
    day(query.as_of).less(column("end_date"))
}

/// Days from the end of the event to its final report, or else to the as-of day.
fn days(query: &MetricQuery) -> Term {
    when(final_by(query), took(), age(query))
}

impl Metric for AarTimeliness {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn has_comparable_periods(&self) -> bool {
        true
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let limit = amount(&DEFINITION, query, &DAYS)? as i64;
        let old = |limit: i64| owed(query).only(age(query).from(integer(limit)));
        let on_time = |limit: i64| final_by(query).and(took().up_to(integer(limit)));
        Ok(vec![
            Facts::events(old(limit)).numerator(on_time(limit)),
            Facts::events(owed(query))
                .numerator(final_by(query))
                .censored_otherwise()
                .for_extras(OF_ALL)
                .counted_in(OF_ALL)
                .with_curve(SurvivalCurve {
                    time: days(query),
                    closed: final_by(query),
                    has_median_as_value: false,
                    quantiles: OF_FINAL,
                    shares: &[],
                }),
            // A median over few reports is the date of one report.
            Facts::events(owed(query).only(final_by(query))).for_extras(OF_FINAL),
            // Each step of the curve is a single event.
            Facts::events(owed(query)).for_extras(&["curve"]).unreleased(),
            Facts::events(old(30)).numerator(on_time(30)).for_extras(&["share30"]),
            Facts::events(old(60)).numerator(on_time(60)).for_extras(&["share60"]),
            Facts::events(old(90)).numerator(on_time(90)).for_extras(&["share90"]),
            Facts::events(old(120)).numerator(on_time(120)).for_extras(&["share120"]),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let target = amount(&DEFINITION, query, &DAYS)? as i64;
        let final_by = || final_by(query);
        let mut owed = owed(query).key("days", days(query)).count("final", final_by());
        for (old, done, limit) in LIMITS.into_iter().chain([("old", "done", target)]) {
            let is_old = age(query).from(integer(limit));
            owed = owed
                .count(old, is_old.clone())
                .count(done, is_old.and(final_by()).and(took().up_to(integer(limit))));
        }
        let groups = filled(cube(snapshot, &owed, query, group_by)?, query);
        let rows = groups.iter().filter(|group| group.count() > 0 || group.period.is_some()).map(|group| {
            let cells = group.integer("days").iter().zip(group.integer("final")).zip(group.counts());
            let observations: Vec<(i64, u64, u64)> = cells
                .map(|((days, done), count)| (days.unwrap_or_default(), done.unwrap_or_default() as u64, *count))
                .collect();
            let estimate = kaplan_meier_counted(&observations);
            let (low, high) = estimate.median_interval();
            let mut extra = Map::new();
            for (old, done, limit) in LIMITS {
                let (done, old) = (group.sum(done) as f64, group.sum(old) as f64);
                extra.insert(format!("share{limit}"), number((old > 0.0).then(|| done / old)));
            }
            for (name, days) in [("medianDays", estimate.quantile(0.5)), ("medianLow", low), ("medianHigh", high)] {
                extra.insert(name.into(), days.map_or(Value::Null, Value::from));
            }
            extra.insert("owed".into(), group.count().into());
            extra.insert("final".into(), estimate.events.into());
            let curve = estimate
                .steps
                .iter()
                .map(|step| json!({"time": step.time, "survival": step.survival, "low": step.low, "high": step.high}));
            extra.insert("curve".into(), curve.collect());
            let (done, old) = (group.sum("done") as usize, group.sum("old") as usize);
            single::share(&DEFINITION, &single::key(group), group_by, done, old, extra)
        });
        Ok(rows.collect())
    }
}
