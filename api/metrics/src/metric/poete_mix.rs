//! Where do our weaknesses lie? Areas for improvement by capability element.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{Metric, keyed, share};
use crate::clusters::{CLUSTER, Clusters, RowClusters};
use crate::cube::{CellGroup, Condition, Cube, column, cube, filled};
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

    fn clusters(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Option<RowClusters>, MetricError> {
        let areas = Cube::of("area_elements").by_day("local_date").sums(&["weight"]);
        let weights =
            Weights::of(snapshot, areas.key(CLUSTER, column("event_id")), query, group_by)?;
        let of = |group: &[CellGroup], element: &str| {
            let mut clusters = Clusters::default();
            for one in group {
                let own = if one.keys[weights.outer] == element { 1.0 } else { 0.0 };
                let cells = one.integer("weight").iter().map(|sum| {
                    let weight = sum.unwrap_or_default() as f64 / WHOLE;
                    (own * weight, weight)
                });
                clusters.merge(&Clusters::of(one, cells));
            }
            clusters
        };
        Ok(Some(weights.rows().map(|(keys, group, element)| (keys, of(group, element))).collect()))
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let areas = Cube::of("area_elements").by_day("local_date").sums(&["weight"]);
        let weights = Weights::of(snapshot, areas, query, group_by)?;
        let rows = weights.rows().map(|(keys, group, element)| {
            let all: i64 = group.iter().map(|element| element.sum("weight")).sum();
            let own = group.iter().find(|one| one.keys[weights.outer] == element);
            let weight = own.map_or(0, |one| one.sum("weight"));
            let (weight, all) = (weight as f64 / WHOLE, all as f64 / WHOLE);
            share::of(&DEFINITION, keys, weight, all, Map::new())
        });
        Ok(rows.collect())
    }
}

/// Weight of an area.
const WHOLE: f64 = 840.0;

/// Weights of areas by the dimensions of a query and by element.
struct Weights {
    /// The dimensions; the element comes last.
    by: Vec<Dimension>,
    /// Number of dimensions without the element.
    outer: usize,
    /// In the order of the dimensions without the element, then by period.
    groups: Vec<CellGroup>,
    /// Elements that have a row in each group. One without areas is a true zero.
    elements: BTreeSet<String>,
}

impl Weights {
    fn of(
        snapshot: &Snapshot,
        areas: Cube,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Self, MetricError> {
        let mut by: Vec<Dimension> =
            group_by.iter().copied().filter(|dimension| *dimension != Dimension::Element).collect();
        let outer = by.len();
        by.push(Dimension::Element);
        // An element asked for is a share of all elements.
        let mut all_elements = query.clone();
        all_elements.filter.remove(&Dimension::Element);
        let mut groups = filled(cube(snapshot, &areas, &all_elements, &by)?, query);
        groups.sort_by_cached_key(|group| position(group, outer));
        let is_requested = |element: &String| {
            query.filter.get(&Dimension::Element).is_none_or(|wanted| wanted.contains(element))
        };
        let elements = groups.iter().map(|group| group.keys[outer].clone());
        let elements = elements.filter(is_requested).collect();
        Ok(Self { by, outer, groups, elements })
    }

    /// Returns the keys of each row, its groups of all elements, and its element.
    fn rows(&self) -> impl Iterator<Item = (Map<String, Value>, &[CellGroup], &str)> {
        let of_one = |left: &CellGroup, right: &CellGroup| {
            position(left, self.outer) == position(right, self.outer)
        };
        self.groups.chunk_by(of_one).flat_map(move |group| {
            self.elements.iter().map(move |element| {
                let keys = [&group[0].keys[..self.outer], std::slice::from_ref(element)].concat();
                (keyed(&keys, group[0].period, &self.by), group, element.as_str())
            })
        })
    }
}

/// Keys without the element, and the period.
fn position(group: &CellGroup, outer: usize) -> (Vec<String>, Option<NaiveDate>) {
    (group.keys[..outer].to_vec(), group.period.map(|period| period.start))
}
