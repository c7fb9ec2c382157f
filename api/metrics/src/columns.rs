//! Cached columns of a SQL query. Filters, groups and sums over them replace repeated scans in
//! Postgres.

mod count;
mod table;

pub use count::{
    ColumnValues, CountedGroups, Counting, Function, Operand, Operator, OutputColumn, Test,
};
pub use table::{ColumnTable, ValueKind};
