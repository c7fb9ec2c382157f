//! How fast are we? Minutes between two milestones, with the pairs that were never completed counted.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Metric, amount, choice, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Parameter, Unit};
use crate::row::{Reliability, Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::{EventFacts, grouped, integers, labels};
use crate::stats::kaplan_meier;

/// The metric.
pub struct ResponseTime;

/// Milestones that a pair may name.
pub(super) const MILESTONES: &[&str] = &[
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
    "demobilised",
    "hotwash_held",
];

static DEFINITION: Definition = Definition {
    id: "response_time",
    title: "Response time",
    question: "How fast are we?",
    unit: Unit::Minutes,
    formula: "Kaplan-Meier median of the minutes from one milestone to another; a pair never completed is censored at the incident's end or the exercise's limit, or else at the as-of day. Pairs of which a stamp is known only to the day stay out.",
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
    parameters: &[
        Parameter {
            name: "from",
            description: "milestone that starts the clock",
            default: "\"notified\"",
            allowed: MILESTONES,
        },
        Parameter { name: "to", description: "milestone that stops it", default: "\"activated\"", allowed: MILESTONES },
        Parameter { name: "target", description: "minutes within which it should be", default: "60", allowed: &[] },
    ],
    single_records: &[],
    extras: &[
        Extra::number("p90", "90th percentile, from 10 pairs"),
        Extra::number("incomplete", "pairs never completed"),
        Extra::number("withinTarget", "share within the target, the incomplete counted as not"),
        Extra::text("from", "first milestone"),
        Extra::text("to", "second milestone"),
    ],
};

/// First stamps by event and milestone; none where only the day is known.
pub(super) type Stamps = HashMap<(i64, String), Option<i64>>;

/// Minutes of an event's pair and whether it was completed; none when it never started, ended on a day without a time, or
/// takes a negative time. What has neither an end nor a limit is cut off `now`, in minutes of the epoch.
pub(super) fn pair(event: &EventFacts, stamps: &Stamps, from: &str, to: &str, now: i64) -> Option<(i64, bool)> {
    let start = (*stamps.get(&(event.id, from.to_owned()))?)?;
    if let Some(end) = stamps.get(&(event.id, to.to_owned())) {
        return end.filter(|end| *end >= start).map(|end| (end - start, true));
    }
    let until = event.limit_minutes.map(|limit| event.start_minute + limit).or(event.end_minute).unwrap_or(now);
    Some(((until - start).max(0), false))
}

/// First stamps by event and milestone.
pub(super) fn stamps(snapshot: &Snapshot) -> Result<Stamps, MetricError> {
    let frame = snapshot.frame("milestones");
    let (events, names, minutes) =
        (integers(frame, "event_id")?, labels(frame, "milestone")?, integers(frame, "minute")?);
    Ok(events
        .into_iter()
        .zip(names)
        .zip(minutes)
        .filter_map(|((event, name), minute)| Some(((event?, name), minute)))
        .collect())
}

impl Metric for ResponseTime {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let (from, to, target) = (
            choice(&DEFINITION, ask, "from"),
            choice(&DEFINITION, ask, "to"),
            amount(&DEFINITION, ask, "target")? as i64,
        );
        let (index, stamps) = (snapshot.index()?, stamps(snapshot)?);
        let timed = index
            .events
            .values()
            .filter(|event| event.day <= ask.as_of)
            .filter_map(|event| Some((event, pair(event, &stamps, &from, &to, ask.last_minute())?)));
        let groups = grouped(
            timed,
            ask,
            group_by,
            |(event, _)| event.day,
            |(event, _), dimension| snapshot.of_event(event, dimension),
        );
        let rows = groups.iter().map(|(key, pairs)| {
            let observations: Vec<(i64, bool)> = pairs.iter().map(|(_, pair)| *pair).collect();
            let estimate = kaplan_meier(&observations);
            let (low, high) = estimate.median_interval();
            // A pair censored before the target tells nothing about it.
            let judged: Vec<&(i64, bool)> =
                observations.iter().filter(|(minutes, done)| *done || *minutes >= target).collect();
            let within = judged.iter().filter(|(minutes, done)| *done && *minutes <= target).count();
            let mut extra = Map::new();
            extra.insert(
                "p90".into(),
                (estimate.n >= 10).then(|| estimate.quantile(0.9)).flatten().map_or(Value::Null, Value::from),
            );
            extra.insert("incomplete".into(), (estimate.n - estimate.events).into());
            extra.insert(
                "withinTarget".into(),
                number((!judged.is_empty()).then(|| within as f64 / judged.len() as f64)),
            );
            extra.insert("from".into(), from.clone().into());
            extra.insert("to".into(), to.clone().into());
            let mut row = single::row(
                &DEFINITION,
                key,
                group_by,
                estimate.quantile(0.5).map(|minutes| minutes as f64),
                None,
                estimate.n,
                extra,
            );
            (row.ci_low, row.ci_high) = (low.map(|minutes| minutes as f64), high.map(|minutes| minutes as f64));
            if row.value.is_none() && row.reliability == Reliability::Ok {
                row.note = Some("fewer than half were completed: there is no median".into());
            }
            row
        });
        Ok(rows.collect())
    }
}
