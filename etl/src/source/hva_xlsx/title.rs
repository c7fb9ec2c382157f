//! Reads the title of a workbook's tables: the organization and the date of the assessment.

use chrono::NaiveDate;
use hotwash_documents::grid::{Grid, GridCell};

use crate::reading::dates::CellDates;
use crate::reading::headings::key;
use crate::reading::time::{End, day};

/// Title of the tables.
#[derive(Clone, Debug, Default)]
pub struct Title {
    /// Organization of the assessment.
    pub organization: Option<String>,
    /// Date of the assessment.
    pub assessed_on: Option<NaiveDate>,
    /// First and last day of the stated year, if no date is given: `HVA 2024`, `FY2025`.
    pub year: Option<(NaiveDate, NaiveDate)>,
}

impl Title {
    /// Reads the title above the tables first, then at the beginning of the other sheets.
    pub fn of(grids: &[Grid], tables: &[(&Grid, usize)]) -> Self {
        let mut title = Self::default();
        let mut guess = None;
        let heads = tables.iter().map(|(grid, index)| &grid.rows[..*index]);
        // The newer edition has its title on a separate sheet.
        let others = grids
            .iter()
            .filter(|grid| {
                tables.iter().all(|(table, _)| table.name != grid.name) && !is_instructions(grid)
            })
            .map(|grid| &grid.rows[..grid.rows.len().min(40)]);
        for (is_head, rows) in
            heads.map(|rows| (true, rows)).chain(others.map(|rows| (false, rows)))
        {
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
                    title.take(cell, is_head, &mut guess, beside);
                }
            }
        }
        title.organization = title.organization.or(guess);
        title
    }

    /// Reads a cell: a label with its value, a date, or, above a table, a name without a label,
    /// which is a guess.
    fn take(
        &mut self,
        cell: &GridCell,
        is_head: bool,
        guess: &mut Option<String>,
        beside: impl Fn() -> GridCell,
    ) {
        let text = cell.text();
        if text.is_empty() {
            return;
        }
        if is_head && self.year.is_none() {
            self.year = year_in(&text);
        }
        let (label, rest) =
            text.split_once(':').map_or((text.as_str(), ""), |(label, rest)| (label, rest.trim()));
        let label = key(label);
        let value = || if rest.is_empty() { beside() } else { GridCell::Text(rest.to_owned()) };
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
            // An address or a remark in parentheses after the name is dropped.
            let text = value().text();
            let name = text.split(['\n', ',', ';']).next().unwrap_or_default();
            let name = without_remark(name);
            if self.organization.is_none() && is_name(name) && !is_prompt(name) {
                self.organization = Some(name.to_owned());
            }
        } else if let Some(read) = cell.day().or_else(|| exact_day(&text)).filter(|_| is_head) {
            self.assessed_on = self.assessed_on.or(Some(read));
        } else if is_head
            && guess.is_none()
            && rest.is_empty()
            && super::category::category(&text).is_none()
        {
            *guess = named_by_title(&text);
        }
    }
}

/// Returns whether a sheet explains the form or lists its choices, so it names no organization.
fn is_instructions(grid: &Grid) -> bool {
    const WORDS: [&str; 16] = [
        "instruction",
        "legend",
        "key",
        "scale",
        "scoring",
        "definition",
        "how to",
        "read me",
        "readme",
        "guid",
        "example",
        "sample",
        "list",
        "lookup",
        "glossary",
        "reference",
    ];
    let name = grid.name.to_lowercase();
    let first = grid.rows.iter().take(3).flat_map(|row| row.cells()).map(GridCell::text);
    WORDS.iter().any(|word| name.contains(word))
        || first.map(|text| key(&text)).any(|text| text == "instructions")
}

/// Returns a name without the remark after it: `Region 3 (using input from each hospital)`.
fn without_remark(name: &str) -> &str {
    let before = name.split_once('(').filter(|(before, remark)| {
        !before.trim().is_empty() && remark.contains(' ') && remark.starts_with(char::is_lowercase)
    });
    before.map_or(name, |(before, _)| before).trim()
}

/// Returns whether a text is a prompt of the form: `Enter the name of your facility`.
fn is_prompt(text: &str) -> bool {
    const WORDS: [&str; 8] =
        ["enter", "insert", "type", "your", "select", "choose", "fill", "click"];
    let lower = text.to_lowercase();
    let is_prompt =
        lower.split(|letter: char| !letter.is_alphabetic()).any(|word| WORDS.contains(&word));
    is_prompt
        || text.starts_with(['[', '<'])
        || lower.starts_with("name of")
        || lower.starts_with("the ")
}

/// Returns the organization named by a line above a table, without the words for the assessment:
/// `Holy Family Hospital risk register`, `2025 HVA for Holy Family Hospital`.
fn named_by_title(text: &str) -> Option<String> {
    const WORDS: [&str; 10] = [
        "hazard vulnerability",
        "hazard and vulnerability",
        "hazard & vulnerability",
        "hazard risk",
        "hazards",
        "hazard",
        "risk register",
        "risk assessment",
        "risk matrix",
        "hva",
    ];
    let is_own = |name: &str| is_name(name) && is_proper(name) && !is_prompt(name);
    if !is_boilerplate(text) {
        return Some(text.trim().to_owned()).filter(|name| is_own(name));
    }
    let lower = text.to_ascii_lowercase();
    let (at, word) = WORDS
        .iter()
        .filter_map(|word| Some((lower.find(word)?, *word)))
        .min_by_key(|(at, _)| *at)?;
    let after = &text[at + word.len()..];
    let after =
        [" for ", " of "].iter().find_map(|link| after.split_once(link)).map(|(_, name)| name);
    let ends = [' ', ',', ':', '-', '\u{2013}', '\u{2014}', '|', '(', ')'];
    [text.get(..at), after].into_iter().flatten().map(|name| name.trim_matches(ends)).find_map(
        |name| {
            let is_one = is_own(name)
                && crate::redact::names_organization(name)
                && !is_boilerplate(name)
                && !is_general(name);
            is_one.then(|| name.to_owned())
        },
    )
}

/// Returns whether a text is written like a name: its longer words start with capital letters.
fn is_proper(text: &str) -> bool {
    const FIRST: [&str; 16] = [
        "types",
        "issues",
        "coordination",
        "coordinate",
        "consider",
        "rate",
        "note",
        "version",
        "page",
        "prepared",
        "reviewed",
        "draft",
        "confidential",
        "scale",
        "legend",
        "table",
    ];
    let mut words =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    !FIRST.contains(&first.trim_matches(|letter: char| !letter.is_alphabetic()))
        && words.all(|word| word.chars().count() <= 3 || !word.starts_with(char::is_lowercase))
}

/// Returns whether a text means organizations in general: `Hospitals`, `Medical Center`, `Region`.
fn is_general(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "medical",
        "center",
        "centers",
        "hospital",
        "hospitals",
        "facility",
        "facilities",
        "health",
        "care",
        "healthcare",
        "community",
        "regional",
        "region",
        "county",
        "city",
        "town",
        "state",
        "local",
        "all",
        "annual",
        "composite",
        "example",
        "sample",
        "coalition",
    ];
    let lower = text.to_lowercase();
    let mut words =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| WORDS.contains(&word))
}

/// Returns the year that a title names as a separate word, with its first and last day.
pub fn year_in(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    if text.chars().count() > 90 {
        return None;
    }
    text.split(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | ',' | ':'))
        .find_map(|word| {
            let is_year =
                word.len() == 4 && word.starts_with("20") || word.to_lowercase().starts_with("fy");
            let boundary = |end| {
                day(word, end).filter(|read| read.precision == crate::record::DuePrecision::Year)
            };
            is_year.then(|| Some((boundary(End::First)?.day, boundary(End::Last)?.day)))?
        })
}

/// Returns the date if the text is a date and nothing else.
fn exact_day(text: &str) -> Option<NaiveDate> {
    day(text, End::Last)
        .filter(|read| read.precision == crate::record::DuePrecision::Day)
        .map(|read| read.day)
}

fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && text.len() <= 120
        && !crate::reading::person::is_person(text)
        && day(text, End::Last).is_none()
}

/// Returns whether a text is one of the form's own titles or instructions, which name no
/// organization.
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
