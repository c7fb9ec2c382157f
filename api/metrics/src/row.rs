//! One row of a result.

use chrono::NaiveDate;
pub use hotwash_schema::vocabulary::Reliability;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::definition::Unit;

/// A value with everything needed to judge it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    /// Group keys by name, in the requested order, then `period`.
    pub dimensions: Map<String, Value>,
    /// The value; `None` if it is undefined.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: Unit,
    /// Numerator.
    pub numerator: Option<f64>,
    /// Denominator.
    pub denominator: Option<f64>,
    /// Number of records behind the value.
    pub n: u64,
    /// Lower end of the 95% interval.
    pub ci_low: Option<f64>,
    /// Upper end of the 95% interval.
    pub ci_high: Option<f64>,
    /// Reliability.
    pub reliability: Reliability,
    /// Remarks.
    pub note: Option<String>,
    /// Further values of the metric.
    pub extra: Map<String, Value>,
}

impl MetricRow {
    /// Returns the row with numbers that JSON, SQL and CSV represent identically.
    #[must_use]
    pub(crate) fn for_publication(self) -> Self {
        Self {
            value: self.value.map(plain),
            numerator: self.numerator.map(plain),
            denominator: self.denominator.map(plain),
            ci_low: self.ci_low.map(plain),
            ci_high: self.ci_high.map(plain),
            ..self
        }
    }

    /// Returns the first day of its period.
    pub(crate) fn period_start(&self) -> Option<NaiveDate> {
        self.dimensions.get("periodStart")?.as_str()?.parse().ok()
    }

    /// Returns the keys of its group as text, without the period. Rows of one query have them in
    /// one order.
    pub(crate) fn group(&self) -> String {
        let keys = self.dimensions.iter();
        let keys = keys.filter(|(name, _)| !["period", "periodStart"].contains(&name.as_str()));
        keys.map(|(name, key)| format!("{name}={key};")).collect()
    }

    /// Returns true if the row has enough records to judge its value, however old they are.
    pub fn is_judged(&self) -> bool {
        matches!(self.reliability, Reliability::Ok | Reliability::Stale)
    }

    /// Returns numerator and denominator if the share is one of records.
    pub fn records(&self) -> Option<(f64, f64)> {
        self.numerator.zip(self.denominator).filter(|(_, all)| *all == self.n as f64)
    }

    /// Returns the approximate bytes in memory; some metrics add a list of many records.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + of_map(&self.dimensions)
            + of_map(&self.extra)
            + self.note.as_ref().map_or(0, String::len)
    }

    /// Converts the row to JSON: keys, then the value and its interval, then the extras, at full
    /// precision.
    pub fn to_json(&self) -> Value {
        let mut fields = self.dimensions.clone();
        fields.insert("value".into(), number(self.value));
        fields.insert("unit".into(), self.unit.code().into());
        fields.insert("numerator".into(), number(self.numerator));
        fields.insert("denominator".into(), number(self.denominator));
        fields.insert("n".into(), self.n.into());
        fields.insert("ciLow".into(), number(self.ci_low));
        fields.insert("ciHigh".into(), number(self.ci_high));
        fields.insert("reliability".into(), self.reliability.code().into());
        fields.insert("note".into(), self.note.clone().map_or(Value::Null, Value::String));
        for (name, value) in &self.extra {
            fields.entry(name.clone()).or_insert_with(|| value.clone());
        }
        Value::Object(fields)
    }
}

/// Bytes of a map entry in addition to its name and value.
const ENTRY: usize = 48;

fn of_map(map: &Map<String, Value>) -> usize {
    map.iter().map(|(name, value)| ENTRY + name.len() + of_value(value)).sum()
}

fn of_value(value: &Value) -> usize {
    let heap_size = match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(of_value).sum(),
        Value::Object(map) => of_map(map),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + heap_size
}

/// Converts a number to JSON. A missing or infinite number becomes null; zero has no sign.
pub fn number(value: Option<f64>) -> Value {
    value.map(plain).and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}

/// Removes the sign of zero: Postgres stores none, and an empty sum is -0.
fn plain(value: f64) -> f64 {
    value + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_what_its_lists_take() {
        let mut row = MetricRow {
            dimensions: Map::new(),
            value: None,
            unit: Unit::Count,
            numerator: None,
            denominator: None,
            n: 0,
            ci_low: None,
            ci_high: None,
            reliability: Reliability::Ok,
            note: None,
            extra: Map::new(),
        };
        let bare = row.bytes();
        let point = serde_json::json!({"event": 1_234, "minutes": 90});
        row.extra.insert("points".into(), vec![point; 1_000].into());
        assert!((100_000..1_000_000).contains(&(row.bytes() - bare)), "{}", row.bytes() - bare);
    }
}
