//! Do we do in real incidents what we do in exercises?

use polars::prelude::IntoLazy;
use serde_json::Map;

use super::{Metric, dimensions};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cell, Facts, Regions, cube, fill_periods};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;
use crate::stats::newcombe;

/// The metric.
pub struct ExerciseIncidentGap;

static DEFINITION: Definition = Definition {
    id: "exercise_incident_gap",
    title: "Exercise and incident gap",
    question: "Do we do in real incidents what we do in exercises?",
    unit: Unit::Share,
    formula: "Share P + S in exercises less share P + S in incidents; Newcombe interval (method 10). At least 5 ratings on each side. Exercises choose easier objectives, and incidents that get a report are selected.",
    reference: "Newcombe 1998",
    dimensions: &[
        Dimension::Region,
        Dimension::Capability,
        Dimension::Framework,
        Dimension::Hazard,
        Dimension::HazardCategory,
    ],
    default_group_by: &[Dimension::Capability],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("exerciseShare", "share P + S in exercises"),
        Extra::number("incidentShare", "share P + S in incidents"),
        Extra::number("exerciseN", "ratings in exercises"),
        Extra::number("incidentN", "ratings in incidents"),
    ],
};

impl Metric for ExerciseIncidentGap {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let mut by: Vec<Dimension> = group_by.to_vec();
        by.push(Dimension::EventKind);
        let frame = snapshot.frame("ratings").clone().lazy();
        let facts = Facts { frame, regions: Regions::OfEvent, measures: &["good"], further: None };
        let mut cells = fill_periods(cube(snapshot, &facts, ask, &by)?, ask, 1);
        let place = |cell: &Cell| (cell.keys[..group_by.len()].to_vec(), cell.period.map(|period| period.start));
        cells.sort_by_cached_key(place);
        Ok(cells.chunk_by(|left, right| place(left) == place(right)).map(|kinds| gap(kinds, group_by)).collect())
    }
}

fn gap(kinds: &[Cell], group_by: &[Dimension]) -> Row {
    let side = |kind: &str| {
        let found = kinds.iter().find(|cell| cell.keys.last().is_some_and(|key| key == kind));
        found.map_or((0.0, 0.0), |cell| (cell.sums[0] as f64, cell.count as f64))
    };
    let ((a, n), (b, m)) = (side("EXERCISE"), side("INCIDENT"));
    let difference = newcombe(a, n, b, m);
    let enough = n >= DEFINITION.minimum_n as f64 && m >= DEFINITION.minimum_n as f64;
    let mut extra = Map::new();
    extra.insert("exerciseShare".into(), crate::row::number((n > 0.0).then(|| a / n)));
    extra.insert("incidentShare".into(), crate::row::number((m > 0.0).then(|| b / m)));
    extra.insert("exerciseN".into(), (n as u64).into());
    extra.insert("incidentN".into(), (m as u64).into());
    Row {
        dimensions: dimensions(&kinds[0], group_by),
        value: difference.map(|(difference, _, _)| difference),
        unit: DEFINITION.unit,
        numerator: None,
        denominator: None,
        n: (n + m) as u64,
        ci_low: difference.map(|(_, low, _)| low),
        ci_high: difference.map(|(_, _, high)| high),
        reliability: if enough { Reliability::Ok } else { Reliability::LowN },
        note: (!enough).then(|| format!("{n} ratings in exercises and {m} in incidents; 5 of each needed")),
        extra,
    }
}
