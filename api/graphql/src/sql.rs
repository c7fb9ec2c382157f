//! SQL statements as a typed tree. Each part renders its own SQL and binds its values. Independent
//! of record types and GraphQL.

mod copy;
mod outputs;
mod render;
mod tree;
mod value;

pub use copy::CopyStatement;
pub use outputs::{fingerprint, key, used_tables};
pub use tree::{
    Aggregate, Column, Comparison, Condition, Expression, Join, JoinKind, Names, Order, Select,
    Source, object, parts,
};
pub use value::Value;
