//! Where do our weaknesses lie? Areas for improvement by capability element.

use std::collections::BTreeSet;

use polars::prelude::IntoLazy;
use serde_json::Map;

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cell, Facts, Regions, cube, fill_periods};
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
        let frame = snapshot.frame("areas").clone().lazy();
        let facts = Facts { frame, regions: Regions::OfEvent, measures: &["weight"], further: None };
        // An element asked for is a share of all elements.
        let mut all_elements = ask.clone();
        all_elements.filter.remove(&Dimension::Element);
        let mut cells = fill_periods(cube(snapshot, &facts, &all_elements, &by)?, ask, 1);
        let place = |cell: &Cell| (cell.keys[..outer].to_vec(), cell.period.map(|period| period.start));
        cells.sort_by_cached_key(place);
        let elements: BTreeSet<String> = cells.iter().map(|cell| cell.keys[outer].clone()).collect();
        let asked =
            |element: &String| ask.filter.get(&Dimension::Element).is_none_or(|wanted| wanted.contains(element));
        let mut rows = Vec::new();
        for group in cells.chunk_by(|left, right| place(left) == place(right)) {
            let all: i64 = group.iter().map(|cell| cell.sums[0]).sum();
            // An element without areas is a true zero.
            for element in elements.iter().filter(|element| asked(element)) {
                let weight = group.iter().find(|cell| cell.keys[outer] == *element).map_or(0, |cell| cell.sums[0]);
                let mut cell = group[0].clone();
                cell.keys[outer].clone_from(element);
                let (weight, all) = (weight as f64 / 840.0, all as f64 / 840.0);
                rows.push(share::row(&DEFINITION, &cell, &by, weight, all, Map::new()));
            }
        }
        Ok(rows)
    }
}
