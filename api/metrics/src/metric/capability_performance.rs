//! How well do we perform? The share of capability ratings that are P or S.

use polars::prelude::IntoLazy;
use serde_json::Map;

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Facts, Regions, cube, fill_periods};
use crate::definition::{Definition, Extra, Unit};
use crate::row::Row;
use crate::snapshot::Snapshot;

/// The metric.
pub struct CapabilityPerformance;

static DEFINITION: Definition = Definition {
    id: "capability_performance",
    title: "Capability performance",
    question: "How well do we perform?",
    unit: Unit::Share,
    formula: "(P + S) / (P + S + M + U) over ratings at capability level; not observed leaves the denominator. Wilson interval. Other scales count by their own best values and are never converted.",
    reference: "HSEEP 2020, exercise evaluation",
    dimensions: &[
        Dimension::Region,
        Dimension::Capability,
        Dimension::Framework,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
    ],
    default_group_by: &[Dimension::Capability, Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("p", "ratings P"),
        Extra::number("s", "ratings S"),
        Extra::number("m", "ratings M"),
        Extra::number("u", "ratings U"),
        Extra::number("objectiveMet", "share with the objective met: (P + S + M) / rated"),
    ],
};

impl Metric for CapabilityPerformance {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let measures = &["good", "met", "p", "s", "m", "u"];
        let facts = Facts {
            frame: snapshot.frame("ratings").clone().lazy(),
            regions: Regions::OfEvent,
            measures,
            further: None,
        };
        let cells = fill_periods(cube(snapshot, &facts, ask, group_by)?, ask, measures.len());
        let rows = cells.iter().map(|cell| {
            let mut extra = Map::new();
            for (name, sum) in ["p", "s", "m", "u"].into_iter().zip(&cell.sums[2..]) {
                extra.insert(name.into(), (*sum).into());
            }
            let met = (cell.count > 0).then(|| cell.sums[1] as f64 / cell.count as f64);
            extra.insert("objectiveMet".into(), crate::row::number(met));
            share::row(&DEFINITION, cell, group_by, cell.sums[0] as f64, cell.count as f64, extra)
        });
        Ok(rows.collect())
    }
}
