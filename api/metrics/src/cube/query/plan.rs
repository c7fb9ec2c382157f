//! A cube with the keys of its groups: the plan that an engine runs.

use crate::cube::{Condition, Measure, Term};

/// The query that an engine runs. Every key comes back as a column of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CubePlan {
    /// Table.
    pub table: &'static str,
    /// Conditions that records must meet.
    pub only: Vec<Condition>,
    /// Group keys by name.
    pub keys: Vec<(&'static str, Term)>,
    /// Measures by name.
    pub measures: Vec<(&'static str, Measure)>,
}

/// Name of the key that holds the period.
pub(crate) const PERIOD: &str = "period";
