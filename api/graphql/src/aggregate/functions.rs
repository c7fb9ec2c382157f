//! Functions of aggregates over the numbers of a group.

use crate::entity::{Entity, EntityField};
use crate::scalar::ScalarKind;

/// Functions over numbers.
pub const FUNCTIONS: [&str; 4] = ["sum", "avg", "min", "max"];

/// Returns the columns that can be summed and averaged.
pub fn numbers(entity: &'static Entity) -> impl Iterator<Item = &'static EntityField> {
    entity
        .fields
        .iter()
        .filter(|field| field.shown && field.kind.is_number() && field.formula.is_plain())
}

/// Returns the GraphQL description of a function.
pub fn function_description(function: &str) -> &'static str {
    match function {
        "sum" => "The sum over the group's records.",
        "avg" => "The mean over the group's records that have a value.",
        "min" => "The least value in the group.",
        _ => "The greatest value in the group.",
    }
}

/// Returns the kind of a function's value over a column.
pub fn kind_of(function: &str, column: ScalarKind) -> ScalarKind {
    match (function, column) {
        ("avg", _) | (_, ScalarKind::Float) => ScalarKind::Float,
        ("sum", _) | (_, ScalarKind::Long) => ScalarKind::Long,
        _ => ScalarKind::Int,
    }
}
