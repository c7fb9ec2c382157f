//! From whom each row of a published table is withheld: what [`suppress`](super::suppress) decides for a question, decided beforehand for every kind of
//! reader whom Postgres will ask about.

use hotwash_schema::access::{Role, Viewer};

use super::withheld_rows;
use crate::ask::{Ask, Dimension, MetricError};
use crate::metric::Metric;
use crate::row::Row;
use crate::snapshot::Snapshot;

/// Stands for readers without a region.
const NOBODYS: i32 = 0;
/// Stands for readers of several regions: too many sets of them to decide for each, so that they see other regions' rows only of a table
/// of which nothing is withheld from anybody.
const SEVERAL: i32 = -2;

/// For each row of a question to a metric's tables the readers it is withheld from: ids of their regions, [`NOBODYS`], [`SEVERAL`]. A region's own rows are its own affair.
///
/// # Errors
/// As the metric.
pub fn withheld_from(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    ask: &Ask,
    group_by: &[Dimension],
    rows: &[Row],
) -> Result<Vec<Vec<i32>>, MetricError> {
    let mut withheld: Vec<Vec<i32>> = vec![Vec::new(); rows.len()];
    let regions = snapshot.regions.values().filter(|region| region.id > 0);
    let readers = regions.map(|region| (region.id, Role::Region, vec![region.code.clone()]));
    for (id, role, regions) in readers.chain([(NOBODYS, Role::Viewer, Vec::new())]) {
        let reader = Viewer { name: "published".into(), role, regions };
        let from_reader = match withheld_rows(snapshot, metric, ask, group_by, &reader, rows) {
            Ok(None) => continue,
            Ok(Some(withheld)) => withheld,
            // Finer than other regions are told: nothing of them.
            Err(MetricError::TooFine { .. }) => vec![true; rows.len()],
            Err(other) => return Err(other),
        };
        for (from, withheld) in withheld.iter_mut().zip(from_reader) {
            if withheld {
                from.push(id);
            }
        }
    }
    if withheld.iter().any(|from| !from.is_empty()) {
        withheld.iter_mut().for_each(|from| from.push(SEVERAL));
    }
    Ok(withheld)
}
