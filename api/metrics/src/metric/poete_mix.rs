//! Where do our weaknesses lie? Areas for improvement by capability element.

use serde_json::Map;

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cube, cube};
use crate::definition::{Definition, Unit};
use crate::row::Row;
use crate::snapshot::Snapshot;

/// The metric.
pub struct PoeteMix;

static DEFINITION: Definition = Definition {
    id: "poete_mix",
    title: "POETE mix",
    question: "Where do our weaknesses lie?",
    unit: Unit::Share,
    formula: "Areas for improvement of an element / all areas with an element, within the group; an area of several elements counts for each with equal weights that sum to 1.",
    reference: "HSEEP capability elements",
    dimensions: &[
        Dimension::Region,
        Dimension::Capability,
        Dimension::Framework,
        Dimension::Element,
        Dimension::Hazard,
        Dimension::HazardCategory,
    ],
    default_group_by: &[Dimension::Element],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[],
};

impl Metric for PoeteMix {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let mut by: Vec<Dimension> =
            group_by.iter().copied().filter(|dimension| *dimension != Dimension::Element).collect();
        let outer = by.len();
        by.push(Dimension::Element);
        let areas = Cube::of("area_elements").by_day("local_date").sums(&["weight"]);
        let asked = Ask { period: None, ..ask.clone() };
        let groups = cube(snapshot, &areas, &asked, &by)?;
        let mut rows = Vec::new();
        for group in groups.chunk_by(|left, right| left.keys[..outer] == right.keys[..outer]) {
            let all: i64 = group.iter().map(|element| element.sum("weight")).sum();
            for element in group {
                rows.push(share::row(
                    &DEFINITION,
                    element,
                    &by,
                    element.sum("weight") as f64 / 840.0,
                    all as f64 / 840.0,
                    Map::new(),
                ));
            }
        }
        Ok(rows)
    }
}
