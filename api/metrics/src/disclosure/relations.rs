//! The linear relations of a release: how cells add up over dimensions and periods, and how the
//! parts of a cell add up to the cell.

use std::collections::{BTreeMap, HashMap};

use super::contributors::Location;
use super::draft::{Draft, FactSetKey};
use super::system::Rules;
use super::tables::{Coarsening, TableKey};
use crate::metric::Metric;
use crate::query::{Dimension, Period};
use crate::snapshot::Snapshot;

impl Draft {
    /// Adds the sums of a metric's cells over dimensions and periods.
    pub fn add_relations(
        &mut self,
        snapshot: &Snapshot,
        metric: &'static dyn Metric,
        rules: Rules,
    ) {
        let definition = metric.definition();
        let tables: Vec<TableKey> = self
            .tables
            .iter()
            .map(|table| table.key.clone())
            .filter(|key| key.metric == definition.id)
            .collect();
        for key in tables {
            let shapes = self.shapes[&key].clone();
            for (set, shape) in shapes.iter().enumerate() {
                let fine = FactSetKey { key: key.clone(), set };
                for (coarser, coarsening) in key.coarser(definition) {
                    let coarse = FactSetKey { key: coarser, set };
                    let total = |location: &Location| coarsen(snapshot, location, coarsening);
                    self.add_sums(&fine, &coarse, total);
                }
                for (other, others) in shapes.iter().enumerate() {
                    let Some(added) = shape.split_of(others) else { continue };
                    let coarse = FactSetKey { key: key.clone(), set: other };
                    let is_of_total =
                        |(name, _): &&(String, String)| !added.contains(&name.as_str());
                    let total = |location: &Location| {
                        location.iter().filter(is_of_total).cloned().collect()
                    };
                    self.add_sums(&fine, &coarse, total);
                }
            }
            if rules.across_metrics {
                self.add_part_relations(&key);
            }
        }
    }

    /// Adds the sums of a set of facts in a table: its cells add up to those of a coarser one.
    fn add_sums(
        &mut self,
        fine: &FactSetKey,
        coarse: &FactSetKey,
        total: impl Fn(&Location) -> Location,
    ) {
        let sums = |variables: &HashMap<FactSetKey, BTreeMap<Location, usize>>| {
            let mut sums: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            if let (Some(fine), Some(coarse)) = (variables.get(fine), variables.get(coarse)) {
                for (location, variable) in fine {
                    if let Some(total) = coarse.get(&total(location)) {
                        sums.entry(*total).or_default().push(*variable);
                    }
                }
            }
            sums
        };
        self.value_sums.extend(sums(&self.counted));
        self.value_sums.extend(sums(&self.values));
        for (total, parts) in sums(&self.variables) {
            self.system.add_sum(parts, total);
        }
    }

    /// Adds the sums of the parts of each set of facts. A row's numerator reveals a part that
    /// another metric publishes separately.
    fn add_part_relations(&mut self, key: &TableKey) {
        for set in 0..self.shapes[key].len() {
            let fact_set = FactSetKey { key: key.clone(), set };
            let partitions = self.parts.remove(&fact_set).unwrap_or_default();
            for (number, partition) in partitions.iter().enumerate() {
                let mut parts: BTreeMap<Location, Vec<usize>> = BTreeMap::new();
                for records in partition {
                    for (location, variable) in
                        self.variables_of_same_records(key, records).into_iter().flatten()
                    {
                        parts.entry(location.clone()).or_default().push(*variable);
                    }
                }
                for (location, parts) in parts {
                    let Some(total) =
                        self.variables.get(&fact_set).and_then(|at| at.get(&location)).copied()
                    else {
                        continue;
                    };
                    // A share publishes one part, and thereby the other. Only a split into several
                    // parts needs a sum.
                    if partition.len() > 1 || number >= self.shapes[key][set].own_partitions {
                        self.system.add_sum(parts.clone(), total);
                    }
                    self.separate_parts
                        .entry((fact_set.clone(), location))
                        .or_default()
                        .extend(parts);
                }
            }
        }
    }
}

/// Returns the location in the coarser table.
fn coarsen(snapshot: &Snapshot, location: &Location, coarsening: Coarsening) -> Location {
    let mut coarse: Location = match coarsening {
        Coarsening::Dropped(dimension) => {
            location.iter().filter(|(name, _)| name != dimension.key()).cloned().collect()
        }
        Coarsening::Replaced(fine, coarse) => location
            .iter()
            .map(|(name, key)| {
                if name == fine.key() {
                    (coarse.key().to_owned(), category(snapshot, fine, key))
                } else {
                    (name.clone(), key.clone())
                }
            })
            .collect(),
        Coarsening::Longer(grain) => location
            .iter()
            .filter_map(|(name, key)| {
                if name != "periodStart" {
                    return Some((name.clone(), key.clone()));
                }
                let start = key.parse().ok()?;
                Some((name.clone(), Period::of(start, grain?).start.to_string()))
            })
            .collect(),
    };
    coarse.sort();
    coarse
}

/// Returns the framework of a capability, or the category of a hazard.
fn category(snapshot: &Snapshot, fine: Dimension, key: &str) -> String {
    match fine {
        Dimension::Capability => key.split(':').next().unwrap_or_default().to_owned(),
        _ => {
            let hazard = snapshot.hazards.values().find(|hazard| hazard.code == key);
            hazard.map_or_else(|| key.to_owned(), |hazard| hazard.category.clone())
        }
    }
}
