//! Engines that run cubes: Polars over the snapshot, or a remote engine over the exported tables.
//! Results are bit-identical.

mod cache;
#[cfg(feature = "engine")]
mod decode;
#[cfg(feature = "engine")]
mod flight;
mod polars;
#[cfg(feature = "engine")]
mod remote;
#[cfg(not(feature = "engine"))]
#[path = "engine/remote_disabled.rs"]
mod remote;
#[cfg(feature = "engine")]
mod sql;

use std::cmp::Ordering;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::cube::CubePlan;
use crate::query::MetricError;
use crate::snapshot::Snapshot;
pub(crate) use cache::CachingEngine;
pub(crate) use polars::Polars;
pub use remote::RemoteTables;

/// Address of a remote engine and of its tables.
#[derive(Clone, Debug)]
pub struct EngineAddress {
    /// `flightsql://HOST:PORT`, or `flightsql+tls://HOST:PORT`.
    pub engine: String,
    /// Folder or address of the exported tables as the engine reads them.
    pub tables: String,
    /// Path of the manifest for this process; `None` for the one in the folder of tables.
    pub manifest: Option<PathBuf>,
    /// Time limit of a query.
    pub timeout: Duration,
}

/// Engine that runs cubes.
pub trait Engine: Send + Sync {
    /// Runs a plan. Rows come in any order.
    ///
    /// # Errors
    /// If the engine fails. An engine never returns a wrong number.
    fn run(&self, snapshot: &Snapshot, plan: &CubePlan) -> Result<CubeCells, MetricError>;

    /// Returns one part of the records that a plan selects, or `None` after the last part. The keys
    /// of the plan identify a record: each cell is one record, or equal ones.
    ///
    /// # Errors
    /// If the engine fails.
    fn records(
        &self,
        snapshot: &Snapshot,
        plan: &CubePlan,
        part: usize,
    ) -> Result<Option<CubeCells>, MetricError> {
        if part == 0 { self.run(snapshot, plan).map(Some) } else { Ok(None) }
    }

    /// Returns the `first` smallest distinct values of a column among the records that a plan
    /// counts.
    ///
    /// # Errors
    /// If the engine fails.
    fn first(
        &self,
        snapshot: &Snapshot,
        plan: &CubePlan,
        column: &'static str,
        first: usize,
    ) -> Result<Vec<i64>, MetricError>;
}

/// The cells of a plan: counts, then a column for each key and each measure.
#[derive(Clone, Debug, Default)]
pub struct CubeCells {
    /// Records in each cell.
    pub counts: Vec<u64>,
    /// Number of key columns, which come first.
    pub keys: usize,
    /// Keys, then measures.
    pub columns: Vec<(&'static str, CellColumn)>,
}

/// A column of an answer.
#[derive(Clone, Debug)]
pub enum CellColumn {
    /// Integers.
    Integer(Vec<Option<i64>>),
    /// Real numbers.
    Real(Vec<Option<f64>>),
    /// Labels, as positions in a list of names.
    Label(Vec<Option<i64>>, Arc<Vec<String>>),
}

impl CubeCells {
    /// Returns the bytes that the column takes in memory.
    pub fn bytes(&self) -> usize {
        self.counts.len() * size_of::<u64>()
            + self
                .columns
                .iter()
                .map(|(_, values)| values.len() * size_of::<Option<i64>>())
                .sum::<usize>()
    }

    /// Returns the rows at these positions.
    pub fn take(&self, rows: &[u32]) -> Self {
        let columns = self.columns.iter().map(|(name, values)| (*name, values.take(rows)));
        Self {
            counts: rows.iter().map(|row| self.counts[*row as usize]).collect(),
            keys: self.keys,
            columns: columns.collect(),
        }
    }
}

impl CellColumn {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Integer(list) | Self::Label(list, _) => list.len(),
            Self::Real(list) => list.len(),
        }
    }

    /// Returns the integers, or the positions of labels.
    pub fn integer(&self) -> &[Option<i64>] {
        match self {
            Self::Integer(list) | Self::Label(list, _) => list,
            Self::Real(_) => &[],
        }
    }

    /// Returns the real numbers.
    pub fn real(&self) -> &[Option<f64>] {
        if let Self::Real(list) = self { list } else { &[] }
    }

    /// Returns the name of a label.
    pub fn name(&self, code: i64) -> Option<&str> {
        let Self::Label(_, names) = self else { return None };
        names.get(usize::try_from(code).ok()?).map(String::as_str)
    }

    /// Compares two rows; labels compare by name.
    pub fn compare(&self, one: usize, two: usize) -> Ordering {
        match self {
            Self::Integer(list) => list[one].cmp(&list[two]),
            Self::Real(list) => list[one].partial_cmp(&list[two]).unwrap_or(Ordering::Equal),
            Self::Label(list, _) if list[one] == list[two] => Ordering::Equal,
            Self::Label(list, _) => {
                let name = |code: Option<i64>| code.and_then(|code| self.name(code));
                name(list[one]).cmp(&name(list[two]))
            }
        }
    }

    /// Returns the rows at these positions.
    pub fn take(&self, rows: &[u32]) -> Self {
        fn taken<T: Copy>(list: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|row| list[*row as usize]).collect()
        }
        match self {
            Self::Integer(list) => Self::Integer(taken(list, rows)),
            Self::Real(list) => Self::Real(taken(list, rows)),
            Self::Label(list, names) => Self::Label(taken(list, rows), Arc::clone(names)),
        }
    }
}
