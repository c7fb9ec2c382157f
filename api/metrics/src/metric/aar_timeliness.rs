//! How soon is the after-action report out? With those that never came counted against it.

use serde_json::{Map, Value, json};

use super::{Metric, amount, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Parameter, Unit};
use crate::row::{Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::{EventFacts, grouped};
use crate::stats::kaplan_meier;

/// The metric.
pub struct AarTimeliness;

static DEFINITION: Definition = Definition {
    id: "aar_timeliness",
    title: "AAR timeliness",
    question: "How soon is the after-action report out?",
    unit: Unit::Share,
    formula: "Events whose final report came within the target (60 days) of their end / events that owe one and ended at least so long ago; Wilson interval. Beside it the Kaplan-Meier median of the days, events without a report censored at the as-of day. Periods go by the event's day.",
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
    parameters: &[Parameter { name: "days", description: "target in days", default: "60", allowed: &[] }],
    single_records: &[],
    extras: &[
        Extra::number("share30", "share within 30 days"),
        Extra::number("share60", "share within 60 days"),
        Extra::number("share90", "share within 90 days"),
        Extra::number("share120", "share within 120 days"),
        Extra::number("medianDays", "Kaplan-Meier median of the days"),
        Extra::number("medianLow", "lower end of its interval"),
        Extra::number("medianHigh", "upper end of its interval"),
        Extra::number("owed", "events that owe a report"),
        Extra::number("final", "of them with a final report"),
        Extra::list("curve", "time and share without a report"),
    ],
};

impl Metric for AarTimeliness {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let target = amount(&DEFINITION, ask, "days")? as i64;
        let index = snapshot.index()?;
        let owed = index.events.values().filter(|event| event.owes_aar && event.end <= ask.as_of);
        let groups =
            grouped(owed, ask, group_by, |event| event.day, |event, dimension| snapshot.of_event(event, dimension));
        let took = |event: &EventFacts| {
            event.final_on.filter(|day| *day <= ask.as_of).map(|day| (day - event.end).num_days().max(0))
        };
        let rows = groups.iter().map(|(key, events)| {
            let within = |limit: i64| {
                let old: Vec<&&EventFacts> = events.iter().filter(|event| (ask.as_of - event.end).num_days() >= limit).collect();
                (old.iter().filter(|event| took(event).is_some_and(|days| days <= limit)).count(), old.len())
            };
            let observations: Vec<(i64, bool)> = events.iter().map(|event| took(event).map_or(((ask.as_of - event.end).num_days(), false), |days| (days, true))).collect();
            let estimate = kaplan_meier(&observations);
            let (low, high) = estimate.median_interval();
            let mut extra = Map::new();
            for limit in [30, 60, 90, 120] {
                let (done, old) = within(limit);
                extra.insert(format!("share{limit}"), number((old > 0).then(|| done as f64 / old as f64)));
            }
            for (name, days) in [("medianDays", estimate.quantile(0.5)), ("medianLow", low), ("medianHigh", high)] {
                extra.insert(name.into(), days.map_or(Value::Null, Value::from));
            }
            extra.insert("owed".into(), events.len().into());
            extra.insert("final".into(), estimate.events.into());
            extra.insert("curve".into(), estimate.steps.iter().map(|step| json!({"time": step.time, "survival": step.survival, "low": step.low, "high": step.high})).collect());
            let (done, old) = within(target);
            single::share(&DEFINITION, key, group_by, done, old, extra)
        });
        Ok(rows.collect())
    }
}
