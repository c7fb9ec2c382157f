//! What an engine does.

use crate::cube::CubePlan;
use crate::engine::cells::CubeCells;
use crate::query::MetricError;
use crate::snapshot::frames::Frames;

/// Engine that runs cubes.
pub trait Engine: Send + Sync {
    /// Runs a plan. Rows come in any order.
    ///
    /// # Errors
    /// If the engine fails. An engine never returns a wrong number.
    fn run(&self, frames: &Frames, plan: &CubePlan) -> Result<CubeCells, MetricError>;

    /// Returns one part of the records that a plan selects, or `None` after the last part. The keys
    /// of the plan identify a record: each cell is one record, or equal ones.
    ///
    /// # Errors
    /// If the engine fails.
    fn records(
        &self,
        frames: &Frames,
        plan: &CubePlan,
        part: usize,
    ) -> Result<Option<CubeCells>, MetricError> {
        if part == 0 { self.run(frames, plan).map(Some) } else { Ok(None) }
    }

    /// Returns the `first` smallest distinct values of a column among the records that a plan
    /// counts.
    ///
    /// # Errors
    /// If the engine fails.
    fn first(
        &self,
        frames: &Frames,
        plan: &CubePlan,
        column: &'static str,
        first: usize,
    ) -> Result<Vec<i64>, MetricError>;
}
