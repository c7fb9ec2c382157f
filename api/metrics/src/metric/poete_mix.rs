//! Where do our weaknesses lie? Areas for improvement by capability element.

use std::collections::BTreeSet;

use serde_json::Map;

use super::{Metric, keyed, share};
use crate::cube::{CellGroup, Condition, Cube, cube, filled};
use crate::definition::{MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// The metric.
pub struct PoeteMix;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "poete_mix",
    title: "POETE mix",
    question: "Where do our weaknesses lie?",
    unit: Unit::Share,
    formula: "Areas for improvement with this element / all areas with an element, within the \
        group. An area with several elements counts for each of them, with equal weights that sum \
        to 1.",
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
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let areas = Facts::findings(Cube::of("area_elements").by_day("local_date"));
        // For one element: its own areas as a share of all areas with an element.
        let of_element = |facts: Facts| match query.filter.get(&Dimension::Element) {
            Some(wanted) => facts.numerator(Condition::Named("element", wanted.clone())),
            None => facts,
        };
        Ok(vec![
            of_element(areas.clone()).ignoring(&[Dimension::Element]),
            // A row describes the areas of one element, which form a separate cell.
            Facts::findings(Cube::of("areas").by_day("local_date"))
                .unlisted()
                .also_by(&[Dimension::Element]),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let mut by: Vec<Dimension> =
            group_by.iter().copied().filter(|dimension| *dimension != Dimension::Element).collect();
        let outer = by.len();
        by.push(Dimension::Element);
        let areas = Cube::of("area_elements").by_day("local_date").sums(&["weight"]);
        // An element asked for is a share of all elements.
        let mut all_elements = query.clone();
        all_elements.filter.remove(&Dimension::Element);
        let mut groups = filled(cube(snapshot, &areas, &all_elements, &by)?, query);
        let position = |group: &CellGroup| {
            (group.keys[..outer].to_vec(), group.period.map(|period| period.start))
        };
        groups.sort_by_cached_key(position);
        let elements: BTreeSet<String> =
            groups.iter().map(|group| group.keys[outer].clone()).collect();
        let is_requested = |element: &String| {
            query.filter.get(&Dimension::Element).is_none_or(|wanted| wanted.contains(element))
        };
        let mut rows = Vec::new();
        for group in groups.chunk_by(|left, right| position(left) == position(right)) {
            let all: i64 = group.iter().map(|element| element.sum("weight")).sum();
            // An element without areas is a true zero.
            for element in elements.iter().filter(|element| is_requested(element)) {
                let own = group.iter().find(|one| one.keys[outer] == *element);
                let weight = own.map_or(0, |one| one.sum("weight"));
                let keys = [&group[0].keys[..outer], std::slice::from_ref(element)].concat();
                let (weight, all) = (weight as f64 / 840.0, all as f64 / 840.0);
                rows.push(share::of(
                    &DEFINITION,
                    keyed(&keys, group[0].period, &by),
                    weight,
                    all,
                    Map::new(),
                ));
            }
        }
        Ok(rows)
    }
}
