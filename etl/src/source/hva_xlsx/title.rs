//! What a workbook says above its tables: whose assessment it is, and of when.

use chrono::NaiveDate;

use crate::document::grid::{Cell, Grid};
use crate::reading::headings::key;
use crate::reading::time::{End, day};

/// What stands above the tables.
#[derive(Clone, Debug, Default)]
pub struct Title {
    /// Whose it is.
    pub organization: Option<String>,
    /// When it was made.
    pub assessed_on: Option<NaiveDate>,
    /// First and last day of the year it is said to be of, where no day is told: `HVA 2024`, `FY2025`.
    pub year: Option<(NaiveDate, NaiveDate)>,
}

impl Title {
    /// Looks above the tables first, then at the beginning of the other sheets.
    pub fn of(grids: &[Grid], tables: &[(&Grid, usize)]) -> Self {
        let mut title = Self::default();
        let heads = tables.iter().map(|(grid, place)| &grid.rows[..*place]);
        // The newer edition keeps its title on a sheet of its own.
        let others = grids
            .iter()
            .filter(|grid| tables.iter().all(|(table, _)| table.name != grid.name))
            .map(|grid| &grid.rows[..grid.rows.len().min(40)]);
        for (is_head, rows) in heads.map(|rows| (true, rows)).chain(others.map(|rows| (false, rows))) {
            for (at, row) in rows.iter().enumerate() {
                for (column, cell) in row.cells().iter().enumerate() {
                    let beside = || {
                        row.cells()[column + 1..]
                            .iter()
                            .find(|cell| !cell.is_empty())
                            .cloned()
                            .or_else(|| rows.get(at + 1).map(|below| below.cell(column).clone()))
                            .unwrap_or_default()
                    };
                    title.take(cell, is_head, beside);
                }
            }
        }
        title
    }

    fn take(&mut self, cell: &Cell, is_head: bool, beside: impl Fn() -> Cell) {
        let text = cell.text();
        if text.is_empty() {
            return;
        }
        if is_head && self.year.is_none() {
            self.year = year_in(&text);
        }
        let (label, rest) = text.split_once(':').map_or((text.as_str(), ""), |(label, rest)| (label, rest.trim()));
        let label = key(label);
        let value = || if rest.is_empty() { beside() } else { Cell::Text(rest.to_owned()) };
        if [
            "date",
            "dateofassessment",
            "assessedon",
            "reviewdate",
            "datereviewed",
            "hvayear",
            "calendaryear",
            "assessmentdate",
            "year",
            "datecompleted",
            "completed",
            "hvadate",
            "lastupdated",
            "revised",
        ]
        .contains(&label.as_str())
        {
            let value = value();
            let read = value.day().or_else(|| day(&value.text(), End::Last).map(|read| read.day));
            self.assessed_on = self.assessed_on.or(read);
        } else if [
            "facility",
            "facilityname",
            "organization",
            "organizationname",
            "hospital",
            "hospitalname",
            "agency",
            "site",
            "siteaddress",
            "siteandaddress",
            "nameoffacility",
            "organizationfacility",
            "facilityorganization",
            "healthcarefacility",
            "completedfor",
            "name",
        ]
        .contains(&label.as_str())
        {
            // An address after the name is dropped.
            let name = value().text().split(['\n', ',', ';']).next().unwrap_or_default().trim().to_owned();
            if self.organization.is_none() && is_name(&name) {
                self.organization = Some(name);
            }
        } else if let Some(read) = cell.day().or_else(|| exact_day(&text)).filter(|_| is_head) {
            self.assessed_on = self.assessed_on.or(Some(read));
        } else if self.organization.is_none()
            && rest.is_empty()
            && is_name(&text)
            && !is_boilerplate(&text)
            && super::category(&text).is_none()
        {
            // Elsewhere than above a table a text must say that it is an organisation's name.
            if is_head || crate::redact::names_organisation(&text) {
                self.organization = Some(text.trim().to_owned());
            }
        }
    }
}

/// The year that a title names as a word of its own, with its first and last day.
pub fn year_in(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    if text.chars().count() > 90 {
        return None;
    }
    text.split(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | ',' | ':')).find_map(|word| {
        let is_year = word.len() == 4 && word.starts_with("20") || word.to_lowercase().starts_with("fy");
        let whole = |end| day(word, end).filter(|read| read.precision == crate::record::DuePrecision::Year);
        is_year.then(|| Some((whole(End::First)?.day, whole(End::Last)?.day)))?
    })
}

/// A text that is a whole day and nothing else.
fn exact_day(text: &str) -> Option<NaiveDate> {
    day(text, End::Last).filter(|read| read.precision == crate::record::DuePrecision::Day).map(|read| read.day)
}

fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && text.len() <= 120
        && !crate::reading::person::is_person(text)
        && day(text, End::Last).is_none()
}

/// The sheet's own titles and instructions, which name nobody.
fn is_boilerplate(text: &str) -> bool {
    const WORDS: [&str; 19] = [
        "hazard",
        "hva",
        "vulnerability",
        "assessment",
        "event",
        "severity",
        "magnitude",
        "instruction",
        "kaiser",
        "score",
        "all hazards",
        "natural",
        "technological",
        "human",
        "summary",
        "evaluate",
        "risk",
        "medical center",
        "threat",
    ];
    let lower = text.to_lowercase();
    (lower.starts_with("medical center")
        || WORDS.iter().filter(|word| **word != "medical center").any(|word| lower.contains(word)))
        || text.split_whitespace().count() > 12
}
