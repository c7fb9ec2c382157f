//! Functions of aggregates over the numbers of a group.

use crate::entity::{Entity, EntityField, GroupKey};
use crate::scalar::ScalarKind;

/// Function over the numbers of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// Sum.
    Sum,
    /// Mean.
    Mean,
    /// Minimum.
    Least,
    /// Maximum.
    Greatest,
    /// Median.
    Median,
    /// Value below which this share of the records lies.
    Percentile(f64),
}

/// Functions without arguments, by name.
pub const FUNCTIONS: [(&str, Function); 5] = [
    ("sum", Function::Sum),
    ("avg", Function::Mean),
    ("min", Function::Least),
    ("max", Function::Greatest),
    ("median", Function::Median),
];
/// Name of the function with the argument `p`.
pub const PERCENTILE: &str = "percentile";
/// Name of the share of a percentile.
pub const SHARE: &str = "p";
/// Meaning of the share.
pub const ABOUT_SHARE: &str = "Share from 0 to 1, e.g. 0.9 for the 90th percentile.";
/// Name of the member with the numbers of distinct values.
pub const COUNT_DISTINCT: &str = "countDistinct";
/// Name of the member with the records that are counted.
pub const SCOPE: &str = "scope";
/// Name of the measure between two times of a record.
pub const MINUTES_BETWEEN: &str = "minutesBetween";

impl Function {
    /// Returns the GraphQL description.
    pub fn description(self) -> &'static str {
        match self {
            Self::Sum => "The sum over the group's records.",
            Self::Mean => "The mean over the group's records that have a value.",
            Self::Least => "The least value in the group.",
            Self::Greatest => "The greatest value in the group.",
            Self::Median => "The median of the group's records that have a value.",
            Self::Percentile(_) => {
                "The value below which a share `p` of the group's records lies, of those that have \
                 a value; interpolated between two values."
            }
        }
    }

    /// Returns the kind of the function's value over a column.
    pub fn kind(self, column: ScalarKind) -> ScalarKind {
        match (self, column) {
            (Self::Mean | Self::Median | Self::Percentile(_), _) | (_, ScalarKind::Float) => {
                ScalarKind::Float
            }
            (Self::Sum, _) | (_, ScalarKind::Long) => ScalarKind::Long,
            _ => ScalarKind::Int,
        }
    }
}

/// Returns the columns over which functions are computed.
pub fn numbers(entity: &'static Entity) -> impl Iterator<Item = &'static EntityField> {
    entity.fields.iter().filter(|field| field.shown && field.is_amount)
}

/// Returns whether functions are computed over a type.
pub fn has_numbers(entity: &'static Entity) -> bool {
    numbers(entity).next().is_some()
}

/// Returns the group keys of which distinct values are counted. The others are periods, names, or
/// keys of which a record may have several.
pub fn distinct_keys(entity: &'static Entity) -> impl Iterator<Item = &'static GroupKey> {
    let is_value = |kind| !matches!(kind, ScalarKind::Int | ScalarKind::Date);
    let keys = entity.group_keys.iter();
    keys.filter(move |key| is_value(key.kind) && key.names.is_none() && !key.repeats())
}
