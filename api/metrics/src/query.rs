//! Metric query: filters, groups, periods, as-of day and parameters, and its errors.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use hotwash_schema::day::parse_day;
use hotwash_schema::nearest::choices;
use hotwash_schema::profile;
use hotwash_schema::vocabulary::{EventKind, Vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Dimension for filtering and grouping records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Coalition region, by code.
    Region,
    /// Canonical hazard, by code.
    Hazard,
    /// Category of hazard.
    HazardCategory,
    /// Source that brought the record.
    Source,
    /// Capability, as framework and code: `PHEP:10`.
    Capability,
    /// Framework of the capability.
    Framework,
    /// INCIDENT, EXERCISE or PLANNED_EVENT.
    EventKind,
    /// Type of exercise, e.g. `FSE`.
    ExerciseType,
    /// Capability element (POETE).
    Element,
    /// Kind of organization, by code.
    Discipline,
    /// Organization, by its id.
    Organization,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Region,
        Self::Hazard,
        Self::HazardCategory,
        Self::Source,
        Self::Capability,
        Self::Framework,
        Self::EventKind,
        Self::ExerciseType,
        Self::Element,
        Self::Discipline,
        Self::Organization,
    ];

    /// Description of its values, with an example.
    pub fn description(self) -> &'static str {
        match self {
            Self::Region => "Coalition region, e.g. `4AB`.",
            Self::Hazard => "Hazard, e.g. `winter_storm`.",
            Self::HazardCategory => "Category of hazard, e.g. `natural`.",
            Self::Source => "Source that brought the record, e.g. `noaa_storm_events`.",
            Self::Capability => "Capability as framework and code, e.g. `PHEP:10`.",
            Self::Framework => "Framework of the capability, e.g. `PHEP`.",
            Self::EventKind => "`INCIDENT`, `EXERCISE` or `PLANNED_EVENT`.",
            Self::ExerciseType => "Type of exercise, e.g. `FSE`.",
            Self::Element => "Capability element (POETE), e.g. `training`.",
            Self::Discipline => "Kind of organization, e.g. `acute_care_hospital`.",
            Self::Organization => "Organization, by its number.",
        }
    }

    /// Returns the closed list of its values, if there is one.
    pub fn vocabulary(self) -> Option<&'static Vocabulary> {
        matches!(self, Self::EventKind).then_some(EventKind::VOCABULARY)
    }

    /// Returns the key of a row, in camel case.
    pub fn key(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Hazard => "hazard",
            Self::HazardCategory => "hazardCategory",
            Self::Source => "source",
            Self::Capability => "capability",
            Self::Framework => "framework",
            Self::EventKind => "eventKind",
            Self::ExerciseType => "exerciseType",
            Self::Element => "element",
            Self::Discipline => "discipline",
            Self::Organization => "organization",
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::HazardCategory => "hazard_category",
            Self::EventKind => "event_kind",
            Self::ExerciseType => "exercise_type",
            other => other.key(),
        })
    }
}

impl FromStr for Dimension {
    type Err = MetricError;

    fn from_str(text: &str) -> Result<Self, MetricError> {
        let plain: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        Self::ALL
            .into_iter()
            .find(|dimension| dimension.key().to_ascii_lowercase() == plain)
            .ok_or_else(|| {
                let all = Self::ALL.map(|dimension| dimension.to_string());
                let choices = choices(text, all.iter().map(String::as_str));
                MetricError::UnknownDimension { found: text.into(), choices }
            })
    }
}

/// Length of a period. Events belong to periods by their local date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Grain {
    /// Calendar month, `2025-07`.
    Month,
    /// Calendar quarter, `2025-Q3`.
    Quarter,
    /// Calendar year, `2025`.
    Year,
    /// Fiscal year of the state, named by its ending year, `FY2026`.
    FiscalYear,
}

impl Grain {
    /// Number of months, and months from the start of the last period in a calendar year to the
    /// year's end: 6 for a fiscal year that begins in July.
    pub(crate) fn months(self) -> (i64, i64) {
        match self {
            Self::Month => (1, 0),
            Self::Quarter => (3, 0),
            Self::Year => (12, 0),
            Self::FiscalYear => (12, i64::from(profile::active().fiscal_year.shift())),
        }
    }

    /// First month of the period that a month lies in, both counted from the year 0.
    pub(crate) fn first_month(self, month: i64) -> i64 {
        let (months, shift) = self.months();
        month - (month + shift).rem_euclid(months)
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Month => "MONTH",
            Self::Quarter => "QUARTER",
            Self::Year => "YEAR",
            Self::FiscalYear => "FISCAL_YEAR",
        })
    }
}

impl FromStr for Grain {
    type Err = MetricError;

    fn from_str(text: &str) -> Result<Self, MetricError> {
        match text.to_ascii_lowercase().replace(['-', ' '], "_").as_str() {
            "month" => Ok(Self::Month),
            "quarter" => Ok(Self::Quarter),
            "year" => Ok(Self::Year),
            "fiscal_year" | "fiscalyear" => Ok(Self::FiscalYear),
            _ => Err(MetricError::UnknownGrain(text.into())),
        }
    }
}

/// One period: its first day and its grain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub start: NaiveDate,
    /// Length.
    pub grain: Grain,
}

impl Period {
    /// Returns the period of this grain that contains the day.
    pub fn of(day: NaiveDate, grain: Grain) -> Self {
        let first = |year: i32, month: u32| NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(day);
        let start = match grain {
            Grain::Month => first(day.year(), day.month()),
            Grain::Quarter => first(day.year(), (day.month() - 1) / 3 * 3 + 1),
            Grain::Year => first(day.year(), 1),
            Grain::FiscalYear => {
                let fiscal_year = profile::active().fiscal_year;
                fiscal_year.start(fiscal_year.of(day))
            }
        };
        Self { start, grain }
    }

    /// Returns the next period.
    pub fn next(self) -> Self {
        let months = match self.grain {
            Grain::Month => 1,
            Grain::Quarter => 3,
            Grain::Year | Grain::FiscalYear => 12,
        };
        Self {
            start: self.start.checked_add_months(Months::new(months)).unwrap_or(self.start),
            grain: self.grain,
        }
    }

    /// Returns the last day.
    pub fn end(self) -> NaiveDate {
        self.next().start.checked_sub_days(Days::new(1)).unwrap_or(self.start)
    }

    /// Returns all periods from the one that contains `from` to the one that contains `to`.
    pub fn between(from: NaiveDate, to: NaiveDate, grain: Grain) -> Vec<Self> {
        let last = Self::of(to, grain);
        let mut periods = vec![Self::of(from, grain)];
        while let Some(period) = periods.last().filter(|period| period.start < last.start) {
            let next = period.next();
            periods.push(next);
        }
        periods
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.start.year(), self.start.month());
        match self.grain {
            Grain::Month => write!(out, "{year}-{month:02}"),
            Grain::Quarter => write!(out, "{year}-Q{}", (month - 1) / 3 + 1),
            Grain::Year => write!(out, "{year}"),
            Grain::FiscalYear => {
                write!(out, "FY{}", profile::active().fiscal_year.of(self.start))
            }
        }
    }
}

/// Maximum number of periods of one answer: 125 years of months.
const MOST_PERIODS: i64 = 1_500;

/// First year of records; the loader rejects earlier ones.
const FIRST_YEAR: i32 = 1950;

/// A request for one metric.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct MetricQuery {
    /// Only records with one of these values, by dimension.
    pub filter: BTreeMap<Dimension, Vec<String>>,
    /// Dimensions to group by; `None` for the metric's default.
    pub group_by: Option<Vec<Dimension>>,
    /// Grain, if the answer has one row per period.
    pub period: Option<Grain>,
    /// First day that counts.
    pub from: Option<NaiveDate>,
    /// Last day that counts.
    pub to: Option<NaiveDate>,
    /// Day that decides what is open, overdue or censored.
    pub as_of: NaiveDate,
    /// Parameters by name.
    pub parameters: BTreeMap<String, Value>,
}

impl Default for MetricQuery {
    fn default() -> Self {
        Self {
            filter: BTreeMap::new(),
            group_by: None,
            period: None,
            from: None,
            to: None,
            as_of: profile::active().today(),
            parameters: BTreeMap::new(),
        }
    }
}

impl MetricQuery {
    /// Sets one name and value of a URL's query: `groupBy=REGION,HAZARD`, `period=YEAR`, a day for
    /// `from`, `to` or `asOf`, or a dimension with its values (`region=3,4C`). Any other name is a
    /// parameter of the metric. An empty value is ignored.
    ///
    /// # Errors
    /// If the value is invalid for its name.
    pub fn take(&mut self, name: &str, value: &str) -> Result<(), MetricError> {
        let day = || {
            let day = parse_day(value).map(Some);
            day.ok_or_else(|| MetricError::Day { name: name.into(), found: value.into() })
        };
        match name {
            "groupBy" | "group_by" => {
                let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
                self.group_by = Some(names.map(str::parse).collect::<Result<_, _>>()?);
            }
            _ if value.is_empty() => {}
            "period" => self.period = Some(value.parse()?),
            "from" => self.from = day()?,
            "to" => self.to = day()?,
            "asOf" | "as_of" => self.as_of = day()?.unwrap_or(self.as_of),
            other => match other.parse::<Dimension>() {
                Ok(dimension) => self.only(dimension, value),
                Err(_) => self.set(name, value),
            },
        }
        Ok(())
    }

    /// Adds a filter by values that are separated by commas.
    pub fn only(&mut self, dimension: Dimension, values: &str) {
        let values = values.split(',').map(|value| value.trim().to_owned());
        self.filter.entry(dimension).or_default().extend(values);
    }

    /// Sets a parameter to a value that is written as a number or as text.
    pub fn set(&mut self, parameter: &str, value: &str) {
        let value = value.parse().map_or_else(|_| Value::from(value), Value::Number);
        self.parameters.insert(parameter.to_owned(), value);
    }

    /// Returns a query without filters or time limits.
    pub(crate) fn always() -> Self {
        let last = NaiveDate::from_ymd_opt(9999, 12, 31);
        Self { as_of: last.unwrap_or(NaiveDate::MAX), ..Self::default() }
    }

    /// Checks that the days are in order, and not too many periods.
    pub(crate) fn check_days(&self) -> Result<(), MetricError> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from > to
        {
            return Err(MetricError::Reversed { from, to });
        }
        let Some(grain) = self.period else { return Ok(()) };
        let first_year = NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1);
        let (from, to) = (self.from.or(first_year), self.to.unwrap_or(self.as_of));
        let from = from.unwrap_or(to);
        let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
        let count = (months(to) - months(from)) / grain.months().0 + 1;
        if count > MOST_PERIODS {
            return Err(MetricError::TooManyPeriods { from, to, count, most: MOST_PERIODS });
        }
        Ok(())
    }

    /// The end of the as-of day on the state's clocks, in minutes since 1970 (UTC).
    pub(crate) fn last_minute(&self) -> i64 {
        let next = self.as_of.succ_opt().unwrap_or(self.as_of);
        profile::active().midnight(next).timestamp() / 60
    }
}

/// Error of a query that cannot be answered, with the queries that can be.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MetricError {
    /// No such metric.
    #[error("there is no metric {found}{choices}")]
    UnknownMetric {
        /// Value given.
        found: String,
        /// The nearest id, and all ids.
        choices: String,
    },
    /// Unknown dimension.
    #[error("there is no dimension {found}{choices}")]
    UnknownDimension {
        /// Value given.
        found: String,
        /// The nearest dimension, and all dimensions.
        choices: String,
    },
    /// A code that is not on the list of the dimension's codes.
    #[error("{dimension} {found} is not known{choices}")]
    UnknownCode {
        /// The dimension.
        dimension: Dimension,
        /// Value given.
        found: String,
        /// The nearest code, and the known codes.
        choices: String,
    },
    /// Invalid day.
    #[error("{name}: {found} must be a date such as 2026-06-30")]
    Day {
        /// Name of the argument.
        name: String,
        /// Value given.
        found: String,
    },
    /// A dimension the metric does not take.
    #[error("{metric} cannot be filtered or grouped by {found}; it takes {allowed}")]
    Dimension {
        /// The metric.
        metric: &'static str,
        /// Value given.
        found: String,
        /// Allowed values.
        allowed: String,
    },
    /// Unknown grain.
    #[error("there is no period {0}; there are month, quarter, year and fiscal_year")]
    UnknownGrain(String),
    /// The first day is after the last day.
    #[error("the period is reversed: from {from} lies after to {to}")]
    Reversed {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// More periods than one answer may have.
    #[error(
        "from {from} to {to} are {count} periods, more than the limit of {most}; begin later, or \
         take longer periods"
    )]
    TooManyPeriods {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// Number of periods.
        count: i64,
        /// Maximum number.
        most: i64,
    },
    /// A parameter the metric does not take, or a value it may not have.
    #[error("{metric}: parameter {name} {reason}")]
    Parameter {
        /// The metric.
        metric: &'static str,
        /// Parameter.
        name: String,
        /// The problem, and what is allowed.
        reason: String,
    },
    /// A comparison with an earlier period that cannot be made.
    #[error("{0}")]
    Compare(&'static str),
    /// A query about other regions that no release answers.
    #[error("{metric}: {what}; {allowed}")]
    NotReleased {
        /// The metric.
        metric: &'static str,
        /// Part of the query that is not released.
        what: &'static str,
        /// Queries that a release answers.
        allowed: &'static str,
    },
    /// A query about other regions as of a day that is not released.
    #[error(
        "{metric}: other regions are published as of {released}, not as of {asked}; ask without a \
         day, or for your own region"
    )]
    OtherDay {
        /// The metric.
        metric: &'static str,
        /// Requested day.
        asked: NaiveDate,
        /// Day of the release.
        released: NaiveDate,
    },
    /// No release exists yet.
    #[error(
        "nothing has been released about other regions yet; the server makes a release when it \
         starts and on the first of each month, and `hotwash release` makes one now"
    )]
    NoRelease,
    /// The remote engine returned no complete answer.
    #[error("{0}")]
    Engine(String),
    /// An internal error.
    #[error("the metric could not be computed: {0}")]
    Internal(String),
}

impl MetricError {
    /// Returns true if a different query would succeed: the error is neither internal nor about the
    /// viewer's rights.
    pub fn is_query_error(&self) -> bool {
        !self.is_forbidden() && !matches!(self, Self::Engine(_) | Self::Internal(_))
    }

    /// Returns true if the viewer may not know the answer: the query concerns other regions and no
    /// release answers it.
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::NotReleased { .. } | Self::OtherDay { .. } | Self::NoRelease)
    }
}

impl From<polars::prelude::PolarsError> for MetricError {
    fn from(error: polars::prelude::PolarsError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// Lists dimensions for a message.
pub fn listed(dimensions: &[Dimension]) -> String {
    dimensions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pairs_of_an_address_make_a_question() {
        let mut query = MetricQuery::default();
        for (name, value) in [
            ("groupBy", "REGION,HAZARD_CATEGORY"),
            ("region", "3,4C"),
            ("period", "YEAR"),
            ("from", "2025-01-01"),
            ("asOf", "2026-06-30"),
            ("days", "400"),
            ("form", "mean"),
            ("to", ""),
        ] {
            query.take(name, value).unwrap();
        }
        assert_eq!(query.group_by, Some(vec![Dimension::Region, Dimension::HazardCategory]));
        assert_eq!(
            query.filter,
            [(Dimension::Region, vec!["3".to_owned(), "4C".to_owned()])].into()
        );
        assert_eq!((query.from, query.to), ("2025-01-01".parse().ok(), None));
        assert_eq!(
            query.parameters,
            [("days".to_owned(), Value::from(400)), ("form".to_owned(), "mean".into())].into()
        );
        assert!(
            query
                .take("asOf", "yesterday")
                .unwrap_err()
                .to_string()
                .contains("asOf: yesterday must be a date")
        );
    }

    #[test]
    fn a_fiscal_year_starts_in_july_and_is_named_by_its_end() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (when, grain, label, last) in [
            ("2024-07-01", Grain::FiscalYear, "FY2025", "2025-06-30"),
            ("2025-06-30", Grain::FiscalYear, "FY2025", "2025-06-30"),
            ("2025-09-30", Grain::Quarter, "2025-Q3", "2025-09-30"),
            ("2024-02-29", Grain::Month, "2024-02", "2024-02-29"),
            ("2024-02-29", Grain::Year, "2024", "2024-12-31"),
        ] {
            let period = Period::of(day(when), grain);
            assert_eq!((period.to_string().as_str(), period.end()), (label, day(last)), "{when}");
        }
        assert_eq!(Period::between(day("2024-11-30"), day("2025-02-01"), Grain::Month).len(), 4);
    }
}
