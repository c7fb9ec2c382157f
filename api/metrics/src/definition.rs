//! Definition of a metric, from which GraphQL, the command line, the published table and the
//! reference page are generated.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::query::Dimension;

/// A metric's own description.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricDefinition {
    /// Id, e.g. `incident_burden`.
    pub id: &'static str,
    /// Title.
    pub title: &'static str,
    /// The question that the metric answers, in plain words.
    pub question: &'static str,
    /// Unit of its value.
    pub unit: Unit,
    /// Formula in words.
    pub formula: &'static str,
    /// Source of the definition.
    pub reference: &'static str,
    /// Dimensions for filtering and grouping.
    pub dimensions: &'static [Dimension],
    /// Default dimensions to group by.
    pub default_group_by: &'static [Dimension],
    /// Minimum number of records for a reliable value.
    pub minimum_n: u64,
    /// Parameters it takes.
    pub parameters: &'static [Parameter],
    /// Extras that describe single records. Viewers who see a region in aggregate only do not get
    /// them.
    pub single_records: &'static [&'static str],
    /// Further values in its rows.
    pub extras: &'static [Extra],
}

/// A value that a metric adds to its rows.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Extra {
    /// Name, in camel case.
    pub name: &'static str,
    /// Meaning, with its unit.
    pub meaning: &'static str,
    /// Kind of its values.
    pub kind: ExtraKind,
}

/// Kind of an extra value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtraKind {
    /// A number.
    Number,
    /// A word.
    Text,
    /// True or false.
    Flag,
    /// A day.
    Day,
    /// Several values, e.g. the steps of a curve.
    List,
}

impl Extra {
    /// Returns an extra that is a number.
    pub const fn number(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, kind: ExtraKind::Number }
    }

    /// Returns an extra that is a word.
    pub const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, kind: ExtraKind::Text }
    }

    /// Returns an extra that is true or false.
    pub const fn flag(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, kind: ExtraKind::Flag }
    }

    /// Returns an extra that is a day.
    pub const fn day(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, kind: ExtraKind::Day }
    }

    /// Returns an extra that is a list.
    pub const fn list(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, kind: ExtraKind::List }
    }
}

/// A parameter of a metric.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// Effect, with unit and range.
    pub description: &'static str,
    /// Default value, as JSON.
    pub default: &'static str,
    /// Values it may take, for a choice.
    pub allowed: &'static [&'static str],
}

impl Parameter {
    /// The default as a value.
    pub fn default_value(&self) -> Value {
        serde_json::from_str(self.default).unwrap_or_else(|_| Value::from(self.default))
    }

    /// Returns true if the value equals the default. A number may be given as text.
    pub fn is_default(&self, value: &Value) -> bool {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let number = |value: &Value| text(value).parse::<f64>().ok();
        let default = self.default_value();
        text(value) == text(&default)
            || number(value).is_some_and(|given| number(&default) == Some(given))
    }
}

/// Unit of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share of 0 to 1.
    Share,
    /// A count.
    Count,
    /// Days.
    Days,
    /// Minutes.
    Minutes,
    /// Change of a share a year.
    PerYear,
    /// A score without a unit.
    Score,
}

impl Unit {
    /// As printed in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Count => "count",
            Self::Days => "days",
            Self::Minutes => "minutes",
            Self::PerYear => "share_per_year",
            Self::Score => "score",
        }
    }
}
