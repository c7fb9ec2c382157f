//! Does the report hold what it owes? Never called quality.

use std::collections::HashMap;

use serde_json::Map;

use super::{Metric, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::{grouped, integers, numbers};

/// The metric.
pub struct AarCompleteness;

static DEFINITION: Definition = Definition {
    id: "aar_completeness",
    title: "AAR completeness",
    question: "Does the report hold what it owes?",
    unit: Unit::Share,
    formula: "Mean over reports of the share of eleven parts that are there: overview; an objective with its capability; ratings; each area with a reference, with an analysis, with an action; each action with an owner, an element, a start and a due date; participants listed.",
    reference: "Davies et al.: reporting standards for after-action reports; HSEEP 2020",
    dimensions: &[
        Dimension::Region,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
        Dimension::ExerciseType,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[Extra::number("complete", "reports with all parts")],
};

impl Metric for AarCompleteness {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let frame = snapshot.frame("completeness");
        let scores: HashMap<i64, f64> = integers(frame, "event_id")?
            .into_iter()
            .zip(numbers(frame, "completeness")?)
            .filter_map(|(event, score)| event.zip(score))
            .collect();
        let index = snapshot.index()?;
        let events = index.events.values().filter(|event| event.end <= ask.as_of && scores.contains_key(&event.id));
        let groups =
            grouped(events, ask, group_by, |event| event.day, |event, dimension| snapshot.of_event(event, dimension));
        let rows = groups.iter().map(|(key, events)| {
            let found: Vec<f64> = events.iter().filter_map(|event| scores.get(&event.id).copied()).collect();
            let sum: f64 = found.iter().sum();
            let mut extra = Map::new();
            extra.insert(
                "complete".into(),
                number(Some(found.iter().filter(|score| **score >= 1.0 - 1e-9).count() as f64)),
            );
            single::row(
                &DEFINITION,
                key,
                group_by,
                (!found.is_empty()).then(|| sum / found.len() as f64),
                None,
                found.len(),
                extra,
            )
        });
        Ok(rows.collect())
    }
}
