//! Parameters of a page: period, as-of day, region, framework, and the page's own filters. All are
//! in the URL, so that a view can be sent as a link.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{Datelike, Months, NaiveDate};
use hotwash_metrics::last_closed_month;
use hotwash_schema::day::{parse_day, readable_day};
use hotwash_schema::profile;

/// Parameter of a page that cannot be used. The text is for readers of the report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The query string cannot be read.
    #[error("The address cannot be read: {0}")]
    Address(String),
    /// Not a day.
    #[error("{name}={found}: must be a day such as 2026-06-30")]
    Day {
        /// Name of the parameter.
        name: String,
        /// Given value.
        found: String,
    },
    /// Not a period to compare with.
    #[error(
        "with={0}: must be before, year or same, or first and last day, such as \
         2025-01-01..2025-12-31"
    )]
    With(String),
    /// Not a known range of days.
    #[error("dates={0}: must be all, or left out for the last 12 complete months")]
    Dates(String),
    /// The first day is after the last day.
    #[error(
        "The period is reversed: it begins on {}, after its last day, {}. Exchange them.",
        readable_day(*.from),
        readable_day(*.to)
    )]
    Reversed {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// The first day is after the as-of day.
    #[error(
        "The period begins on {}, after the as-of day, {}: nothing could be known of it. Choose an \
         earlier first day or a later as-of day.",
        readable_day(*.from),
        readable_day(*.as_of)
    )]
    AfterAsOf {
        /// First day.
        from: NaiveDate,
        /// As-of day.
        as_of: NaiveDate,
    },
    /// The region or framework is unknown.
    #[error("{what} {found} is not known; there are {known}.")]
    Unknown {
        /// `Region` or `Framework`.
        what: &'static str,
        /// Given code.
        found: String,
        /// Known codes.
        known: String,
    },
}

/// Period to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// The period of the same length before.
    PeriodBefore,
    /// The same period a year before.
    YearBefore,
    /// The same period, for two regions.
    SamePeriod,
    /// From the first of these days to the second.
    Days(NaiveDate, NaiveDate),
}

impl With {
    fn read(text: &str) -> Option<Self> {
        match text {
            "before" => Some(Self::PeriodBefore),
            "year" => Some(Self::YearBefore),
            "same" => Some(Self::SamePeriod),
            _ => {
                let (from, to) = text.split_once("..")?;
                let days = day(from).zip(day(to)).filter(|(from, to)| from <= to);
                days.map(|(from, to)| Self::Days(from, to))
            }
        }
    }
}

impl fmt::Display for With {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeriodBefore => out.write_str("before"),
            Self::YearBefore => out.write_str("year"),
            Self::SamePeriod => out.write_str("same"),
            Self::Days(from, to) => write!(out, "{from}..{to}"),
        }
    }
}

/// Filter offered on a page.
#[derive(Clone, Debug, Default)]
pub struct PageChoice {
    /// Name in the URL.
    pub name: String,
    /// Label for readers.
    pub label: String,
    /// Values with their labels; the first means any.
    pub options: Vec<(String, String)>,
    /// Chosen value.
    pub chosen: String,
}

/// Parameters from a page's URL.
#[derive(Clone, Debug, Default)]
pub struct PageParameters {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// True for all records instead of the last twelve complete months.
    pub all: bool,
    /// As-of day.
    pub as_of: Option<NaiveDate>,
    /// Code of a region.
    pub region: Option<String>,
    /// Code of a capability framework.
    pub framework: Option<String>,
    /// Day from which limits of control charts are computed anew.
    pub rebase: Option<NaiveDate>,
    /// Period to compare with.
    pub with: Option<With>,
    /// Filters of the page itself.
    pub more: BTreeMap<String, String>,
}

impl PageParameters {
    /// Reads the pairs of a query string; the error says what would be right.
    pub fn read(pairs: &[(String, String)]) -> Result<Self, ParameterError> {
        let mut parameters = Self::default();
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            let target = match name.as_str() {
                "from" => &mut parameters.from,
                "to" => &mut parameters.to,
                "as_of" => &mut parameters.as_of,
                "rebase" => &mut parameters.rebase,
                "dates" if value == "all" => {
                    parameters.all = true;
                    continue;
                }
                "with" => {
                    let with = With::read(value);
                    parameters.with =
                        Some(with.ok_or_else(|| ParameterError::With(value.clone()))?);
                    continue;
                }
                "dates" => return Err(ParameterError::Dates(value.clone())),
                "region" => {
                    parameters.region = Some(value.clone());
                    continue;
                }
                "framework" => {
                    parameters.framework = Some(value.clone());
                    continue;
                }
                _ => {
                    parameters.more.insert(name.clone(), value.clone());
                    continue;
                }
            };
            let unread = || ParameterError::Day { name: name.clone(), found: value.clone() };
            *target = Some(day(value).ok_or_else(unread)?);
        }
        if let (Some(from), Some(to)) = (parameters.from, parameters.to)
            && from > to
        {
            return Err(ParameterError::Reversed { from, to });
        }
        if let (Some(from), Some(as_of)) = (parameters.from, parameters.as_of)
            && from > as_of
        {
            return Err(ParameterError::AfterAsOf { from, as_of });
        }
        Ok(parameters)
    }

    /// Returns the parameters shared by all pages, as pairs of a query string.
    pub fn shared(&self) -> Vec<(String, String)> {
        let days = [("from", self.from), ("to", self.to), ("as_of", self.as_of)];
        let words = [("region", &self.region), ("framework", &self.framework)];
        let all = self.all.then(|| ("dates".to_owned(), "all".to_owned()));
        all.into_iter()
            .chain(
                days.iter()
                    .filter_map(|(name, day)| day.map(|day| ((*name).to_owned(), day.to_string()))),
            )
            .chain(words.iter().filter_map(|(name, word)| {
                word.as_ref().map(|word| ((*name).to_owned(), word.clone()))
            }))
            .collect()
    }

    /// Returns all parameters, as pairs of a query string.
    pub fn all(&self) -> Vec<(String, String)> {
        let rebase = self.rebase.map(|day| ("rebase".to_owned(), day.to_string()));
        let with = self.with.map(|with| ("with".to_owned(), with.to_string()));
        self.shared().into_iter().chain(rebase).chain(with).chain(self.more.clone()).collect()
    }

    /// Returns the value of one of the page's own filters; empty if not chosen.
    pub fn choice(&self, name: &str) -> &str {
        self.more.get(name).map_or("", String::as_str)
    }
}

/// Parses a day from 1900 to 2200. Years beyond are typing errors, and would make endless rows of
/// quarters.
fn day(text: &str) -> Option<NaiveDate> {
    parse_day(text).filter(|day| (1900..=2200).contains(&day.year()))
}

/// First and last day of a period; `None` for an open end.
pub type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// Returns the last complete months up to a day.
pub fn complete_months(as_of: NaiveDate, months: u32) -> Days {
    let end = as_of.succ_opt().map(last_closed_month);
    let next = end.and_then(|end| end.succ_opt());
    (next.and_then(|next| next.checked_sub_months(Months::new(months))), end)
}

/// Returns common periods up to a day: name, and first and last day.
pub fn presets(as_of: NaiveDate) -> Vec<(String, Days)> {
    let months = |count: u32| (format!("Last {count} months"), complete_months(as_of, count));
    let fiscal_year = profile::active().fiscal_year;
    let ends = fiscal_year.of(as_of);
    let fiscal = |name: i32| {
        (format!("FY{name}"), (Some(fiscal_year.start(name)), Some(fiscal_year.end(name))))
    };
    vec![
        months(12),
        months(36),
        fiscal(ends - 1),
        fiscal(ends),
        ("All records".to_owned(), (None, None)),
    ]
}

/// Formats pairs as a query string.
pub fn query_string(pairs: &[(String, String)]) -> String {
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", url_encoded(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// Encodes a value for a query string.
pub fn url_encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b',' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<PageParameters, ParameterError> {
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        PageParameters::read(&pairs)
    }

    #[test]
    fn an_address_is_read_and_written_again() {
        assert_eq!(query_string(&read("dates=all").unwrap().shared()), "dates=all");
        let query = "from=2025-01-01&to=2025-12-31&as_of=2026-06-30&region=4AB&framework=PHEP";
        let parameters = read(&format!("{query}&status=open")).unwrap();
        assert_eq!(query_string(&parameters.shared()), query);
        assert_eq!((parameters.choice("status"), parameters.choice("due")), ("open", ""));
        let all = query_string(
            &read("rebase=2025-05-01&with=2024-01-01..2024-12-31&region=3&status=open")
                .unwrap()
                .all(),
        );
        let expected = "region=3&rebase=2025-05-01&with=2024-01-01..2024-12-31&status=open";
        assert_eq!(all, expected);
        assert_eq!(url_encoded("a b&c=4AB:é"), "a%20b%26c%3D4AB:%C3%A9");
    }

    #[test]
    fn an_impossible_period_is_rejected_with_a_message() {
        for (query, expected) in [
            ("from=2026-01-01&to=2025-01-01", "Exchange them"),
            ("as_of=yesterday", "must be a day such as"),
            ("dates=some", "must be all"),
            ("with=2026-01-01..2025-01-01", "must be before, year or same"),
            ("rebase=spring", "rebase=spring: must be a day such as"),
            ("to=9999-12-31", "must be a day such as"),
            ("from=2026-02-30", "must be a day such as"),
            ("from=2026-01-01&as_of=2025-01-01", "after the as-of day"),
        ] {
            assert!(read(query).unwrap_err().to_string().contains(expected), "{query}");
        }
        assert!(read("from=&to=").unwrap().from.is_none());
    }

    #[test]
    fn the_usual_periods_end_on_the_day_or_with_the_fiscal_year() {
        let found = presets("2026-06-30".parse().unwrap());
        let expected: Vec<String> = found
            .iter()
            .filter_map(|(name, (from, to))| Some(format!("{name} {} {}", (*from)?, (*to)?)))
            .collect();
        assert_eq!(
            expected,
            [
                "Last 12 months 2025-07-01 2026-06-30",
                "Last 36 months 2023-07-01 2026-06-30",
                "FY2025 2024-07-01 2025-06-30",
                "FY2026 2025-07-01 2026-06-30"
            ]
        );
        // A month that has not ended is left out.
        let days = complete_months("2026-06-14".parse().unwrap(), 12);
        assert_eq!(days, ("2025-06-01".parse().ok(), "2026-05-31".parse().ok()));
    }
}
