//! Definition of a metric, from which GraphQL, the command line, the published table and the
//! reference page are generated.

use chrono::{DateTime, NaiveDate};
pub use hotwash_schema::vocabulary::MetricUnit as Unit;
use hotwash_schema::vocabulary::Vocabulary;
use serde::Serialize;
use serde_json::{Map, Value};

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

impl MetricDefinition {
    /// Returns the name of its typed field in GraphQL, e.g. `incidentBurden`.
    pub fn field_name(&self) -> String {
        let mut words = self.id.split('_');
        words.next().unwrap_or_default().chars().chain(words.flat_map(capitalized)).collect()
    }

    /// Returns the beginning of the names of its types in GraphQL, e.g. `IncidentBurden`.
    pub fn type_name(&self) -> String {
        self.id.split('_').flat_map(capitalized).collect()
    }

    /// Returns the first of a row's extras that is not declared, or is of another kind.
    pub fn undeclared<'a>(&self, extra: &'a Map<String, Value>) -> Option<&'a str> {
        let is_declared = |name: &str, value: &Value| {
            self.extras.iter().any(|declared| declared.name == name && declared.fits(value))
        };
        extra.iter().find(|(name, value)| !is_declared(name, value)).map(|(name, _)| name.as_str())
    }
}

/// Returns a word with its first letter in upper case.
fn capitalized(word: &str) -> impl Iterator<Item = char> {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters)
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
    /// True if it is a position among the rows of an answer.
    #[serde(skip)]
    pub among_rows: bool,
}

/// Kind of an extra value.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtraKind {
    /// A whole number of at most 32 bits.
    Integer,
    /// A whole number of at most 64 bits.
    Long,
    /// A number that may have a fraction.
    Number,
    /// A word.
    Text,
    /// Several words.
    Texts,
    /// A code of a closed list.
    Code(&'static Vocabulary),
    /// The value of the parameter with the same name.
    Parameter,
    /// True or false.
    Flag,
    /// A day.
    Day,
    /// A moment in UTC.
    Moment,
    /// The key of a record of this GraphQL type.
    Record(&'static str),
    /// Several items, e.g. the steps of a curve.
    List(ExtraItem),
}

/// An item of a list that a metric adds to its rows.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ExtraItem {
    /// Name of the item in the singular, in Pascal case, e.g. `Step`.
    pub name: &'static str,
    /// Values of the item.
    pub fields: &'static [Extra],
}

impl Extra {
    /// Returns an extra of a kind.
    pub const fn new(name: &'static str, meaning: &'static str, kind: ExtraKind) -> Self {
        Self { name, meaning, kind, among_rows: false }
    }

    /// Returns an extra that is a position among the rows of an answer.
    pub const fn rank(name: &'static str, meaning: &'static str) -> Self {
        Self { among_rows: true, ..Self::integer(name, meaning) }
    }

    /// Returns an extra that is a whole number of at most 32 bits, such as a count of records.
    pub const fn integer(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, meaning, ExtraKind::Integer)
    }

    /// Returns an extra that is a whole number of at most 64 bits, such as a sum of dollars.
    pub const fn long(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, meaning, ExtraKind::Long)
    }

    /// Returns an extra that is a number with a fraction.
    pub const fn number(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, meaning, ExtraKind::Number)
    }

    /// Returns an extra that is a word.
    pub const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, meaning, ExtraKind::Text)
    }

    /// Returns an extra that is a code of a closed list.
    pub const fn code(
        name: &'static str,
        meaning: &'static str,
        list: &'static Vocabulary,
    ) -> Self {
        Self::new(name, meaning, ExtraKind::Code(list))
    }

    /// Returns an extra that repeats the parameter of its name.
    pub const fn parameter(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, meaning, ExtraKind::Parameter)
    }

    /// Returns an extra that is true or false.
    pub const fn flag(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, meaning, ExtraKind::Flag)
    }

    /// Returns an extra that is a day.
    pub const fn day(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, meaning, ExtraKind::Day)
    }

    /// Returns an extra that is a list of items with these values.
    pub const fn list(
        name: &'static str,
        meaning: &'static str,
        item: &'static str,
        fields: &'static [Self],
    ) -> Self {
        Self::new(name, meaning, ExtraKind::List(ExtraItem { name: item, fields }))
    }

    /// Returns the meaning as a sentence.
    pub fn description(&self) -> String {
        capitalized(self.meaning).chain(['.']).collect()
    }

    /// Returns true if a value is of the declared kind.
    pub fn fits(&self, value: &Value) -> bool {
        let text = |fits: fn(&str) -> bool| value.as_str().is_some_and(fits);
        value.is_null()
            || match self.kind {
                ExtraKind::Integer => value.as_i64().is_some_and(|one| i32::try_from(one).is_ok()),
                ExtraKind::Long | ExtraKind::Record(_) => value.is_i64() || value.is_u64(),
                ExtraKind::Number => value.is_number(),
                ExtraKind::Text | ExtraKind::Parameter => value.is_string(),
                ExtraKind::Texts => {
                    value.as_array().is_some_and(|all| all.iter().all(Value::is_string))
                }
                ExtraKind::Code(list) => {
                    value.as_str().is_some_and(|code| list.codes.contains(&code))
                }
                ExtraKind::Flag => value.is_boolean(),
                ExtraKind::Day => text(|day| day.parse::<NaiveDate>().is_ok()),
                ExtraKind::Moment => text(|moment| DateTime::parse_from_rfc3339(moment).is_ok()),
                ExtraKind::List(item) => {
                    value.as_array().is_some_and(|all| all.iter().all(|one| item.fits(one)))
                }
            }
    }
}

impl ExtraItem {
    /// Returns true if an object has declared values only, each of its kind.
    fn fits(&self, value: &Value) -> bool {
        value.as_object().is_some_and(|members| {
            members.iter().all(|(name, member)| {
                let declared = self.fields.iter().find(|field| field.name == name);
                declared.is_some_and(|field| field.fits(member))
            })
        })
    }
}

/// Values of the steps of a Kaplan-Meier curve.
pub const STEPS: &[Extra] = &[
    Extra::integer("time", "days"),
    Extra::number("survival", "share to which it has not happened by then"),
    Extra::number("low", "lower end of its 95% interval"),
    Extra::number("high", "upper end of its 95% interval"),
];

/// Greatest number of months that a parameter takes: a hundred years.
pub const MAX_MONTHS: u64 = 1_200;
/// Greatest seed, which GraphQL's `Int` holds.
pub const MAX_SEED: u64 = 2_147_483_647;

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
    /// Greatest number it may take; 0 for a choice.
    pub maximum: u64,
}

impl Parameter {
    /// Returns a parameter that takes a whole number from 0 to a maximum.
    pub const fn number(
        name: &'static str,
        description: &'static str,
        default: &'static str,
        maximum: u64,
    ) -> Self {
        Self { name, description, default, allowed: &[], maximum }
    }

    /// Returns a parameter that takes one of the allowed words. The default is JSON.
    pub const fn choice(
        name: &'static str,
        description: &'static str,
        default: &'static str,
        allowed: &'static [&'static str],
    ) -> Self {
        Self { name, description, default, allowed, maximum: 0 }
    }

    /// Returns the number that a value states: a whole one in the parameter's range. A number may be
    /// given as text. Returns none for another value.
    pub fn number_of(&self, value: &Value) -> Option<u64> {
        let number = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
        let is_allowed = number.fract() == 0.0 && (0.0..=self.maximum as f64).contains(&number);
        is_allowed.then_some(number as u64)
    }

    /// Returns the values that it takes, in words.
    pub fn range(&self) -> String {
        if self.allowed.is_empty() {
            format!("a whole number from 0 to {}", self.maximum)
        } else {
            self.allowed.join(", ")
        }
    }

    /// Returns its effect with the range of a number.
    pub fn meaning(&self) -> String {
        if self.allowed.is_empty() {
            format!("{}; 0 to {}", self.description, self.maximum)
        } else {
            self.description.to_owned()
        }
    }

    /// Returns whether it takes a value.
    pub fn accepts(&self, value: &Value) -> bool {
        if self.allowed.is_empty() {
            return self.number_of(value).is_some();
        }
        value.as_str().is_some_and(|text| self.allowed.contains(&text))
    }

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
