//! SQL statements as a typed tree. Each part renders its own SQL and binds its values. Independent
//! of record types and GraphQL.

mod condition;
mod copy;
mod expression;
mod render;
mod select;
mod value;

pub use condition::{Comparison, Condition};
pub use copy::CopyStatement;
pub use expression::{Aggregate, Column, Expression, object, parts};
pub use render::{fingerprint, key, used_tables};
pub use select::{Join, JoinKind, Names, Order, Select, Source};
pub use value::Value;
