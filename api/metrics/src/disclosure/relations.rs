//! How the cells of a release add up: over dimensions and periods, and the parts of a cell to the
//! whole.

use std::collections::BTreeMap;

use super::contributors::{Location, cells};
use super::draft::{Counted, Draft};
use super::system::Rules;
use super::tables::{Coarsening, TableKey};
use crate::facts::Facts;
use crate::metric::Metric;
use crate::query::{Dimension, MetricError, Period};
use crate::snapshot::Snapshot;

impl Draft {
    /// States which cells of a metric add up to which others.
    pub fn relate(
        &mut self,
        snapshot: &Snapshot,
        metric: &'static dyn Metric,
        rules: Rules,
    ) -> Result<(), MetricError> {
        let definition = metric.definition();
        let tables: Vec<TableKey> = self
            .tables
            .iter()
            .map(|table| table.key.clone())
            .filter(|key| key.metric == definition.id)
            .collect();
        for key in tables {
            let facts = metric.facts(snapshot, &self.ask(&key))?;
            for set in facts.iter().enumerate().map(|(set, _)| set) {
                let counted = Counted { key: key.clone(), set };
                let Some(fine) = self.variables.get(&counted).cloned() else { continue };
                for (coarser, how) in key.coarser(definition) {
                    let Some(coarse) = self.variables.get(&Counted { key: coarser, set }) else {
                        continue;
                    };
                    let mut sums: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
                    for (location, variable) in &fine {
                        if let Some(total) = coarse.get(&coarsened(snapshot, location, how)) {
                            sums.entry(*total).or_default().push(*variable);
                        }
                    }
                    for (total, parts) in sums {
                        self.system.add_sum(parts, total);
                    }
                }
            }
            if rules.across_metrics {
                self.relate_parts(snapshot, &facts, &key)?;
            }
        }
        Ok(())
    }

    /// The parts of a set of facts add up to it. A part that another metric publishes by itself is
    /// told by the row's numerator.
    fn relate_parts(
        &mut self,
        snapshot: &Snapshot,
        facts: &[Facts],
        key: &TableKey,
    ) -> Result<(), MetricError> {
        let ask = self.ask(key);
        for (set, facts) in facts.iter().enumerate() {
            let counted = Counted { key: key.clone(), set };
            for (number, partition) in facts.partitions().iter().enumerate() {
                let mut parts: BTreeMap<Location, Vec<usize>> = BTreeMap::new();
                for condition in partition {
                    let cells =
                        cells(snapshot, &facts.clone().only(condition.clone()), &ask, &key.by)?;
                    for (location, variable) in self.same_table(key, &cells).into_iter().flatten() {
                        parts.entry(location.clone()).or_default().push(*variable);
                    }
                }
                for (location, parts) in parts {
                    let Some(total) =
                        self.variables.get(&counted).and_then(|at| at.get(&location)).copied()
                    else {
                        continue;
                    };
                    // Of a share the row itself tells one part and what it leaves; a split states
                    // all that is worth protecting.
                    if partition.len() > 1 || number >= facts.own_partitions() {
                        self.system.add_sum(parts.clone(), total);
                    }
                    self.parts.entry((counted.clone(), location)).or_default().extend(parts);
                }
            }
        }
        Ok(())
    }
}

/// A location in a coarser table.
fn coarsened(snapshot: &Snapshot, location: &Location, how: Coarsening) -> Location {
    let mut coarse: Location = match how {
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

/// The framework of a capability, or the category of a hazard.
fn category(snapshot: &Snapshot, fine: Dimension, key: &str) -> String {
    match fine {
        Dimension::Capability => key.split(':').next().unwrap_or_default().to_owned(),
        _ => {
            let hazard = snapshot.hazards.values().find(|hazard| hazard.code == key);
            hazard.map_or_else(|| key.to_owned(), |hazard| hazard.category.clone())
        }
    }
}
