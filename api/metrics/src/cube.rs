//! The cube: a filter and a group-by over one fact table, with counts, sums and extremes, as one
//! typed expression.
//!
//! A cube knows no engine. Polars runs it over the snapshot; a remote engine runs the same
//! expression as SQL. All numbers are integers, so that every engine returns the same bits.
//! Statistics are computed afterwards.

mod as_of;
mod expression;
mod groups;
mod query;

pub use expression::{
    Comparator, Condition, Cube, Measure, Term, column, day, day_number, day_of, integer, is,
    named, when,
};
pub use groups::{CellGroup, filled};
pub use query::{CubePlan, chosen, cube, first_day};
pub(crate) use query::{GroupKeys, PERIOD};
