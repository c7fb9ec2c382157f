//! Suggests a first layout for a table from the usual meanings of its headings. Comments state what
//! the user must still decide.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use hotwash_documents::grid::GridCell;
use hotwash_documents::input::Input;

use super::columns::shown;
use super::guess::{END_TIMES, GUESSES, Guess, START_TIMES, known, plain};
use crate::error::ChoiceError;
use crate::layout::{Head, Layout, RecordType};
use crate::lookup::{Lookup, NamedList};
use crate::reading::headings::{Section, lists};
use crate::reading::person::{is_person, may_be_person};
use crate::reading::time::{End, day, home};
use crate::record::DuePrecision;
use crate::redact::redact;
use crate::source::Sample;
use crate::template::{ColumnKind, Template, TemplateColumn};

/// Maximum number of a column's values that are listed.
const LISTED: usize = 30;

/// Suggests a layout for a file.
///
/// # Errors
/// Returns an error if the file cannot be read, contains no table, or has headings of no known
/// record type.
pub fn suggest(path: &Path) -> Result<String, ChoiceError> {
    let input = Input::open(path).map_err(|error| ChoiceError::Unreadable(error.to_string()))?;
    Sample::take(&input)?;
    let head = Head::read(&input, known)?;
    let guess = GUESSES.iter().max_by_key(|guess| guess.weight(&head.headings));
    let guess = guess.filter(|guess| guess.weight(&head.headings) > 0).unwrap_or(&GUESSES[0]);
    let template = RecordType::find(guess.record)
        .and_then(RecordType::template)
        .ok_or(ChoiceError::Unsuitable("no such record type"))?;
    let mut suggestion = Suggestion {
        head: &head,
        guess,
        template,
        lookup: Lookup::bundled(),
        fields: Vec::new(),
        used: vec![false; head.headings.len()],
        values: String::new(),
    };
    let text = suggestion.text(&input);
    Ok(match Layout::read("layout.toml", &text) {
        Ok(_) => text,
        // Its comments state what is missing.
        Err(error) => format!("# NOT COMPLETE YET: {}\n{text}", error.message.replace('\n', " ")),
    })
}

struct Suggestion<'a> {
    head: &'a Head,
    guess: &'static Guess,
    template: &'static Template,
    lookup: Lookup,
    /// Lines of `[fields]`.
    fields: Vec<(&'static str, String)>,
    /// Columns that feed a field.
    used: Vec<bool>,
    /// Tables of values.
    values: String,
}

impl Suggestion<'_> {
    fn text(&mut self, input: &Input) -> String {
        let stem = input.name().split('.').next().unwrap_or_default();
        let key = self.key();
        let name = slug(stem);
        self.map(&name);
        let mut text = format!(
            "# A first layout for {}, suggested by `hotwash inspect --suggest`. Read each line, \
             then try it, which stores nothing:\n\
             #     hotwash inspect {0} --layout layout.toml\n\
             # and load the file with\n\
             #     hotwash load --layout layout.toml {0}\n\
             # Laid into HOTWASH_HOME/layouts/, it applies to every file with these headings. All \
             keys: docs/layouts.md\n\n",
            shown(input.name())
        );
        let names = RECORD_NAMES.join(", ");
        let _ = writeln!(
            text,
            "name = {}   # your name for this table; part of where its records come from",
            quoted(&name)
        );
        let _ = writeln!(text, "record = {}   # what a row is: {names}", quoted(self.guess.record));
        if let Some(sheet) = &self.head.sheet {
            let _ = writeln!(text, "sheet = {}", quoted(sheet));
        }
        if let Some(key) = key {
            let _ = writeln!(
                text,
                "key = {key}   # columns that identify a row, also in the next file"
            );
        }
        let zone = quoted(home().name());
        let _ = writeln!(text, "time_zone = {zone}   # of times without one");
        if let Some(format) = self.date_format() {
            let _ = writeln!(text, "date_format = {}   # the days come first", quoted(format));
        }
        text.push_str(&self.ignored());
        text.push_str(&self.totals());
        text.push_str("\n[fields]   # field = \"Heading of its column\"\n");
        for (_, line) in &self.fields {
            let _ = writeln!(text, "{line}");
        }
        text.push_str(&self.missing());
        text.push_str(&self.values);
        text
    }

    fn index_of(&self, names: &[&str]) -> Option<usize> {
        let is_free = |index: &usize| !lists().is_dropped(&self.head.headings[*index]);
        names.iter().find_map(|name| Guess::column(&[name], &self.head.headings).filter(is_free))
    }

    /// Returns the columns that identify rows: a column of ids, or the first columns that do so
    /// together.
    fn key(&mut self) -> Option<String> {
        let id = self.template.id_column();
        if self.template.name == "risk_scores"
            || !self.template.columns.iter().any(|column| column.heading == id && column.required)
        {
            return None;
        }
        // A running number identifies rows within one file only.
        let is_running = |index: usize| {
            lists().field(Section::RunningNumber, &self.head.headings[index]).is_some()
        };
        let one = self
            .index_of(self.guess.ids)
            .filter(|index| self.is_unique(&[*index]) && !is_running(*index));
        // An unknown heading of an id, such as `Inc #` or `CallID`, over distinct values.
        let is_rated = |index: &usize| {
            self.head.values(*index).count() == self.head.rows.len() && self.is_unique(&[*index])
        };
        let one = one.or_else(|| {
            (0..self.head.headings.len()).find(|index| {
                let heading = &self.head.headings[*index];
                names_id(heading)
                    && !lists().is_dropped(heading)
                    && !is_running(*index)
                    && is_rated(index)
            })
        });
        let mut indexes: Vec<usize> = one.into_iter().collect();
        if indexes.is_empty() {
            let named = ["event_id", "name", "text", "start_at"]
                .iter()
                .filter_map(|field| self.column_of(field));
            indexes = named.collect();
            indexes.dedup();
        }
        if !self.is_unique(&indexes) || indexes.is_empty() {
            let rated = |index: &usize| self.head.values(*index).count() * 2 > self.head.rows.len();
            let own = |index: &usize| {
                !self.head.headings[*index].is_empty()
                    && !lists().is_dropped(&self.head.headings[*index])
            };
            for index in (0..self.head.headings.len()).filter(own).filter(rated) {
                if indexes.contains(&index) || is_running(index) {
                    continue;
                }
                indexes.push(index);
                if self.is_unique(&indexes) {
                    break;
                }
            }
        }
        indexes.iter().for_each(|index| self.used[*index] = true);
        let headings: Vec<String> =
            indexes.iter().map(|index| quoted(&self.head.headings[*index])).collect();
        (!headings.is_empty()).then(|| format!("[{}]", headings.join(", ")))
    }

    fn is_unique(&self, indexes: &[usize]) -> bool {
        let mut seen = std::collections::HashSet::new();
        let keys = self.head.rows.iter().map(|row| {
            indexes
                .iter()
                .map(|index| row.get(*index).map(GridCell::text).unwrap_or_default())
                .collect::<Vec<_>>()
        });
        keys.filter(|key| key.iter().any(|part| !part.is_empty())).all(|key| seen.insert(key))
    }

    fn map(&mut self, name: &str) {
        for (field, _) in self.guess.fields {
            let Some(index) = self.column_of(field) else { continue };
            let Some(column) = self.template.columns.iter().find(|column| column.heading == *field)
            else {
                continue;
            };
            self.field(column, index);
        }
        let has =
            |name: &str, fields: &[(&str, String)]| fields.iter().any(|(field, _)| *field == name);
        if has("start_at", &self.fields)
            && !has("end_at", &self.fields)
            && let (Some(end), Some(date)) = (self.index_of(END_TIMES), self.column_of("start_at"))
        {
            self.used[end] = true;
            let is_time = self.head.values(end).all(|cell| !is_day(cell));
            let heading = |index: usize| quoted(&self.head.headings[index]);
            let line = if is_time {
                format!(
                    "end_at = {{ columns = [{}, {}], after = \"start_at\" }}   # past midnight, \
                     the next day",
                    heading(date),
                    heading(end)
                )
            } else {
                format!("end_at = {}", heading(end))
            };
            self.fields.push(("end_at", line));
        }
        self.constants(name);
    }

    /// Returns the column of a field by its heading; for the date of a record, else the first
    /// column of dates.
    fn column_of(&self, field: &str) -> Option<usize> {
        let (_, names) = self.guess.fields.iter().find(|(known, _)| *known == field)?;
        self.index_of(names).or_else(|| {
            let is_day_field = ["start_at", "opened_on", "assessed_on"].contains(&field);
            let taken = |index: &usize| {
                let mut others = self.guess.fields.iter().filter(|(known, _)| *known != field);
                others.any(|(_, names)| self.index_of(names) == Some(*index))
                    || self.index_of(END_TIMES) == Some(*index)
            };
            let holds_days = |index: &usize| {
                let days = self.head.values(*index).filter(|cell| is_day(cell)).count();
                days > 0 && 2 * days > self.head.values(*index).count()
            };
            let mut indexes = (0..self.head.headings.len())
                .filter(|index| !lists().is_dropped(&self.head.headings[*index]));
            is_day_field.then(|| indexes.find(|index| !taken(index) && holds_days(index)))?
        })
    }

    fn field(&mut self, column: &'static TemplateColumn, index: usize) {
        let field = column.heading;
        let heading = quoted(&self.head.headings[index]);
        self.used[index] = true;
        let mut line = format!("{field} = {heading}");
        let has_clock = self.head.values(index).any(|cell| cell.text().contains(':'));
        if field == "start_at"
            && !has_clock
            && let Some(time) = self.index_of(START_TIMES).filter(|time| *time != index)
        {
            self.used[time] = true;
            line = format!(
                "{field} = {{ columns = [{heading}, {}] }}",
                quoted(&self.head.headings[time])
            );
        } else if field == "damage_property_usd" && in_thousands(&self.head.headings[index]) {
            line = format!("{field} = {{ column = {heading}, unit = \"thousand_usd\" }}");
        } else if self.guess.by_name.contains(&field)
            || field == "event_id" && self.holds_names(index)
        {
            let on = Guess::column(
                &["exercise_date", "event_date", "incident_date"],
                &self.head.headings,
            );
            let on = on
                .filter(|_| field == "event_id")
                .map(|on| format!(", on = {}", quoted(&self.head.headings[on])));
            line = format!(
                "{field} = {{ column = {heading}, by = \"name\"{} }}",
                on.unwrap_or_default()
            );
        }
        self.fields.push((field, line));
        self.list(column, index);
    }

    /// Returns whether a column of events contains names, which are texts of several words.
    fn holds_names(&self, index: usize) -> bool {
        self.head.values(index).filter(|cell| cell.text().contains(' ')).count() * 2
            > self.head.values(index).count()
    }

    /// Returns the distinct values of a column with their counts.
    fn distinct(&self, index: usize) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for cell in self.head.values(index) {
            *counts.entry(cell.text()).or_default() += 1;
        }
        counts
    }

    /// Adds the list of values of a field if some values are not ours.
    fn list(&mut self, column: &TemplateColumn, index: usize) {
        let ours = |value: &str| -> Option<String> {
            match column.heading {
                "hazards" | "hazard" => self.lookup.hazards_named(value).map(|_| value.to_owned()),
                "regions" | "region" => {
                    self.lookup.lists().of(NamedList::Region).find(value).map(|_| value.to_owned())
                }
                _ => {
                    let folded = value.trim().replace([' ', '-'], "_");
                    let is_known =
                        column.allowed.iter().any(|known| known.eq_ignore_ascii_case(&folded));
                    let is_word = crate::layout::word(column, value).is_some()
                        || column.heading == "exercise_type"
                            && self
                                .lookup
                                .lists()
                                .of(NamedList::ExerciseType)
                                .find(value)
                                .is_some();
                    (is_known || is_word || column.allowed.is_empty() && column.heading != "rating")
                        .then(|| value.to_owned())
                }
            }
        };
        let rating = |value: &str| {
            column.heading == "rating" && self.lookup.lists().rating("PSMU", value).is_some()
        };
        let distinct = self.distinct(index);
        let unknown: Vec<&String> = distinct
            .keys()
            .filter(|value| ours(value).is_none() && !rating(value) && !may_be_person(value))
            .collect();
        if unknown.is_empty() || redacts(&unknown) {
            return;
        }
        let allowed = match column.heading {
            "hazards" | "hazard" => "a hazard such as fire_structural, flood, \
                mass_casualty_trauma; what stays unlisted is loaded as unmapped"
                .to_owned(),
            "regions" | "region" => "the code of a region, such as 3; what stays unlisted is \
                rejected"
                .to_owned(),
            "rating" => "P, S, M, U or NOT_OBSERVED; what stays unlisted is rejected".to_owned(),
            _ => format!("{}; what stays unlisted is rejected", column.allowed.join(", ")),
        };
        let mut lines = String::new();
        let mut active = 0;
        for value in unknown.iter().take(LISTED) {
            let guessed = match column.heading {
                "hazards" | "hazard" => self.lookup.hazards_within(value).and_then(|found| {
                    self.lookup
                        .lists()
                        .of(NamedList::Hazard)
                        .name(*found.first()?)
                        .map(str::to_owned)
                }),
                "regions" | "region" => self.region_of(value),
                _ => None,
            };
            match guessed {
                Some(guessed) => {
                    active += 1;
                    let _ = writeln!(lines, "{} = {}", quoted(value), quoted(&guessed));
                }
                None => {
                    let _ = writeln!(lines, "# {} = \"\"", quoted(value));
                }
            }
        }
        let further = unknown.len().saturating_sub(LISTED);
        let further = if further > 0 { format!("# and {further} more\n") } else { String::new() };
        let header = format!("[values.{}]", column.heading);
        let header = if active > 0 { header } else { format!("# {header}") };
        let _ = write!(self.values, "\n{header}   # theirs = ours: {allowed}\n{lines}{further}");
    }

    /// Returns the code of the region with this city or town.
    fn region_of(&self, city: &str) -> Option<String> {
        let (region, _) = *self.lookup.regions_of_municipality(city).first()?;
        self.lookup.lists().of(NamedList::Region).name(region).map(str::to_owned)
    }

    /// Adds fields that most tables lack, with a suitable value.
    fn constants(&mut self, name: &str) {
        let has = |field: &str| self.fields.iter().any(|(known, _)| *known == field);
        let mut lines: Vec<(&'static str, &'static str)> = Vec::new();
        match self.guess.record {
            "incidents" => {
                lines.push((
                    "response",
                    "response = { constant = \"NONE\" }   # what the coalition did: NONE, \
                     MONITORED or RESPONDED",
                ));
                lines.push((
                    "owes_aar",
                    "owes_aar = { constant = \"no\" }   # whether an after-action report is owed",
                ));
                if !has("regions") {
                    lines.push((
                        "regions",
                        "# regions = { constant = \"3\" }   # the region of all rows, if it is one",
                    ));
                }
            }
            "exercises" if !has("regions") => {
                lines.push((
                    "regions",
                    "# regions = { constant = \"3\" }   # the region of all rows, if it is one",
                ));
            }
            "actions" if !has("status") => {
                lines.push(("status", "status = { constant = \"OPEN\" }"));
            }
            "risks" => {
                lines.push((
                    "method",
                    "method = { constant = \"matrix\" }   # likelihood times impact",
                ));
            }
            _ => {}
        }
        for (field, line) in lines {
            self.fields.push((field, line.to_owned()));
        }
        if self.guess.record == "risks" {
            let line = format!(
                "assessment_id = {{ constant = {} }}   # one register is one assessment",
                quoted(name)
            );
            self.fields.push(("assessment_id", line));
            let most = self.highest();
            let line = format!(
                "scale_maximum = {{ constant = {most} }}   # the highest score of likelihood and \
                 impact"
            );
            self.fields.push(("scale_maximum", line));
        }
    }

    /// Returns the highest score of a register, from a heading such as `Likelihood (1-5)` or from
    /// its values.
    fn highest(&self) -> u32 {
        let stated = self.head.headings.iter().filter(|heading| {
            ["likelihood", "impact", "severity", "probability"].contains(&plain(heading).as_str())
        });
        let stated = stated.filter_map(|heading| {
            let digits = heading
                .rsplit(['-', '\u{2013}', ' '])
                .next()?
                .trim_matches(|letter: char| !letter.is_ascii_digit())
                .to_owned();
            digits.parse::<u32>().ok()
        });
        let indexes = ["likelihood", "impact", "severity", "probability", "consequence"]
            .iter()
            .filter_map(|name| self.index_of(&[name]));
        let seen = indexes
            .flat_map(|index| self.head.values(index))
            .filter_map(|cell| cell.text().parse::<f64>().ok());
        let seen: Vec<f64> = seen.collect();
        let holds_most = |most: &u32| {
            let within = seen.iter().filter(|score| **score <= f64::from(*most)).count();
            5 * within >= 4 * seen.len()
        };
        stated.max().or_else(|| [3, 4, 5, 10].into_iter().find(holds_most)).unwrap_or(100)
    }

    /// Returns comments about required fields without a column.
    fn missing(&self) -> String {
        let id = self.template.id_column();
        let given = |column: &&TemplateColumn| {
            let name = column.heading;
            self.fields.iter().any(|(field, _)| *field == name)
                || name == "kind"
                || name == id && self.template.name != "risk_scores"
        };
        let mut text = String::new();
        for column in self
            .template
            .columns
            .iter()
            .filter(|column| column.required)
            .filter(|column| !given(column))
        {
            let by =
                if column.heading.ends_with("organization_id") { ", by = \"name\"" } else { "" };
            let _ = writeln!(
                text,
                "# REQUIRED, and no column seems to be it: {}\n# {} = {{ constant = {}{by} }}   # \
                 or the heading of a column",
                column.about.trim_end_matches('.'),
                column.heading,
                quoted(if column.kind == ColumnKind::Date { "2025-06-30" } else { "..." }),
            );
        }
        text
    }

    fn ignored(&self) -> String {
        let free = |index: &usize| {
            let heading = &self.head.headings[*index];
            !self.used[*index]
                && !heading.is_empty()
                && !lists().is_dropped(heading)
                && !is_person(heading)
        };
        let names: Vec<String> = (0..self.head.headings.len())
            .filter(free)
            .map(|index| quoted(&self.head.headings[index]))
            .collect();
        if names.is_empty() {
            return String::new();
        }
        format!(
            "# These columns feed no field. Each load reports them until they are listed so:\n# \
             ignore = [{}]\n",
            names.join(", ")
        )
    }

    /// Returns a rule that skips rows of totals.
    fn totals(&self) -> String {
        let is_total = |cell: &GridCell| {
            cell.text().to_lowercase().starts_with("total")
                || cell.text().to_lowercase().starts_with("grand total")
        };
        let found = (0..self.head.headings.len()).find(|index| {
            !self.head.headings[*index].is_empty()
                && self
                    .head
                    .rows
                    .iter()
                    .rev()
                    .take(3)
                    .any(|row| row.get(*index).is_some_and(is_total))
        });
        found.map_or_else(String::new, |index| {
            format!(
                "\n[skip_rows_where]   # rows that are no records\n{} = [\"Total*\", \"Grand \
                 total*\"]\n",
                quoted(&self.head.headings[index])
            )
        })
    }

    /// Returns the format for day-first dates such as `14/03/2025`, which needs to be stated.
    fn date_format(&self) -> Option<&'static str> {
        let texts = |index: usize| self.head.values(index).map(GridCell::text).collect::<Vec<_>>();
        let fields = self
            .guess
            .fields
            .iter()
            .filter(|(field, _)| field.ends_with("_on") || field.ends_with("_at"));
        let indexes: Vec<usize> = fields.filter_map(|(_, names)| self.index_of(names)).collect();
        [('/', "%d/%m/%Y"), ('.', "%d.%m.%Y"), ('-', "%d-%m-%Y")].into_iter().find_map(
            |(mark, format)| {
                let all: Vec<String> = indexes.iter().flat_map(|index| texts(*index)).collect();
                let parts = |text: &String| -> Option<(u32, u32)> {
                    let mut parts = text.split(mark);
                    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
                };
                let read: Vec<(u32, u32)> = all.iter().filter_map(parts).collect();
                let days_first =
                    read.iter().any(|(first, second)| (13..=31).contains(first) && *second <= 12);
                (days_first && read.iter().all(|(_, second)| *second <= 12)).then_some(format)
            },
        )
    }
}

/// Record types, for a comment.
const RECORD_NAMES: [&str; 9] = [
    "incidents",
    "exercises",
    "planned_events",
    "actions",
    "ratings",
    "findings",
    "risks",
    "participation",
    "organizations",
];

fn is_day(cell: &GridCell) -> bool {
    let exact =
        |text: &str| day(text, End::First).is_some_and(|read| read.precision == DuePrecision::Day);
    match cell {
        GridCell::Moment(_) => true,
        GridCell::Text(text) => exact(text),
        _ => false,
    }
}

/// Returns whether values contain contact details; such a column has no list of values.
fn redacts(values: &[&String]) -> bool {
    values.iter().any(|value| redact(value).1 > 0)
}

fn in_thousands(heading: &str) -> bool {
    let heading = heading.to_lowercase().replace(' ', "");
    heading.contains("$1,000")
        || heading.contains("$1000")
        || heading.contains("thousand")
        || heading.contains("$000")
}

/// Returns a text as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Returns a name of lower-case letters, digits and hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_end_matches('-').chars().take(60).collect();
    if slug.is_empty() { "table".into() } else { slug }
}

/// Returns whether a heading ends like that of an id: `Inc #`, `Run No.`, `CallID`.
fn names_id(heading: &str) -> bool {
    let plain = heading.trim().trim_end_matches('.');
    let last = plain
        .rsplit(|letter: char| !letter.is_alphanumeric() && letter != '#')
        .next()
        .unwrap_or_default();
    ["#", "no", "num", "nbr", "number", "id"].contains(&last.to_lowercase().as_str())
        || last.strip_suffix("ID").is_some_and(|name| name.ends_with(char::is_lowercase))
        || last.ends_with('#')
}
