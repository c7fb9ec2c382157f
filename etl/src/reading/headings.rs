//! Names of columns and values in documents, stored as lists that a deployment can extend.

mod key;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hotwash_documents::grid::{Grid, GridRow};
pub use key::key;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;

use crate::record::ActionStatus;

const OWN: &str = include_str!("headings.toml");
/// Number of rows searched for a header.
const HEADER_ROWS: usize = 60;
/// Maximum length of a heading, in characters.
const LONGEST_HEADING: usize = 90;
/// Minimum length of a name, in characters, by which a longer heading that contains it is
/// recognized.
const LONG_NAME: usize = 9;

/// Section of `headings.toml`. A deployment's own list with another section is rejected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Columns of an improvement plan or a tracker.
    ImprovementPlan,
    /// Columns of a tracker that Hotwash wrote.
    OwnerTracker,
    /// Columns and values of a table of ratings.
    Ratings,
    /// Labels of the overview of a report.
    Overview,
    /// Columns of a table of findings.
    Findings,
    /// Columns of a table of participants.
    Participants,
    /// Columns of a table of times.
    Timeline,
    /// Columns of a hazard vulnerability analysis.
    Hva,
    /// Types of exercises.
    ExerciseType,
    /// Columns of a duty officer's log.
    DutyLog,
    /// Columns of a calendar of exercises.
    ExerciseCalendar,
    /// Words for what is no exercise.
    NoExercise,
    /// Headings of running numbers, which are no ids.
    RunningNumber,
    /// Headings of columns with persons or contact details.
    Dropped,
    /// Words that decide between a planned date and the date of completion.
    PlannedOrDone,
    /// Words of such headings.
    DroppedWords,
    /// Words for the status of an action.
    Status,
    /// Abbreviations of capabilities.
    Abbreviation,
    /// Texts that mean that there is none.
    None,
    /// Texts that mean that there is no due date.
    Undated,
    /// Texts in place of an organization.
    Nobody,
    /// Words for the elements of a capability.
    Element,
    /// Words for the time stamps of a response.
    TimeStamp,
}

impl Section {
    /// Returns the words for the rows of a list; none if it has none.
    pub fn of_list(name: &str) -> Option<Self> {
        let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }
}

/// Section → field → names, as in `headings.toml`.
type Sections = BTreeMap<Section, BTreeMap<String, Vec<String>>>;

/// The lists.
#[derive(Debug, Default)]
pub struct HeadingLists {
    /// Section → normalized name → field.
    names: HashMap<Section, HashMap<String, String>>,
    /// Section → names as written.
    headings: HashMap<Section, Vec<String>>,
}

/// Columns of a table.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    indexes: BTreeMap<String, usize>,
    /// Headings as written, by column.
    pub headings: Vec<String>,
    /// Number of cells in the header of a text file, including empty ones at its end; 0 for a
    /// sheet.
    pub written: usize,
    /// Columns with names of persons or contact details.
    dropped: Vec<usize>,
    /// Fields whose values are columns that each row marks: the columns with their values.
    marked: BTreeMap<&'static str, Vec<(usize, String)>>,
}

/// Minimum number of adjacent columns that make a field of marks: `P | O | E | T | E`, `Not Started
/// | In Progress | Complete`.
const FEWEST_MARKED: [(&str, usize); 2] = [("element", 4), ("status", 3)];

impl Columns {
    /// Returns the column of a field.
    pub fn index_of(&self, field: &str) -> Option<usize> {
        self.indexes.get(field).copied()
    }

    /// Returns the number of known columns.
    pub fn known(&self) -> usize {
        self.indexes.len() + self.marked.values().map(Vec::len).sum::<usize>()
    }

    /// Returns the field into which a column is read.
    pub fn field_at(&self, index: usize) -> Option<&str> {
        let named = self
            .indexes
            .iter()
            .find(|(_, column)| **column == index)
            .map(|(field, _)| field.as_str());
        let is_marked = |(_, columns): &(&&str, &Vec<(usize, String)>)| {
            columns.iter().any(|(column, _)| *column == index)
        };
        named.or_else(|| self.marked.iter().find(is_marked).map(|(field, _)| *field))
    }

    /// Returns whether the table has all these fields.
    pub fn has(&self, fields: &[&str]) -> bool {
        fields
            .iter()
            .all(|field| self.indexes.contains_key(*field) || self.marked.contains_key(*field))
    }

    /// Uses the column of one field for another field that has none.
    pub fn call(&mut self, field: &str, other: &str) {
        if let Some(index) = self.indexes.remove(field) {
            self.indexes.entry(other.to_owned()).or_insert(index);
        }
    }

    /// Returns the heading of a field as written in the document.
    pub fn heading(&self, field: &str) -> String {
        self.index_of(field)
            .and_then(|index| self.headings.get(index))
            .cloned()
            .unwrap_or_else(|| field.to_owned())
    }

    /// Returns whether a column contains names of persons or contact details.
    pub fn is_dropped(&self, index: usize) -> bool {
        self.dropped.contains(&index)
    }

    /// Returns the values of a field that a row marks, one per line, with the text of each mark;
    /// none if the field has no such columns.
    pub fn marked<'a>(
        &self,
        field: &str,
        cell: impl Fn(usize) -> std::borrow::Cow<'a, str>,
    ) -> Option<String> {
        let columns = self.marked.get(field)?;
        let words = columns.iter().filter_map(|(index, word)| {
            let mark = cell(*index);
            let said = if mark.chars().any(|letter| letter.is_ascii_digit()) && mark != "1" {
                mark.trim()
            } else {
                ""
            };
            crate::reading::mark::is_mark(&mark)
                .then(|| format!("{word} {said}").trim_end().to_owned())
        });
        Some(words.collect::<Vec<_>>().join("\n"))
    }

    /// Returns whether a column is one of those that rows mark.
    fn takes(&self, index: usize) -> bool {
        self.marked.values().flatten().any(|(taken, _)| *taken == index)
    }
}

/// Returns the lists, including those of the deployment.
pub fn lists() -> &'static HeadingLists {
    static LISTS: OnceLock<HeadingLists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let mut lists = HeadingLists::default();
        // A test proves that the built-in list is well formed.
        if let Err(error) = lists.add(OWN) {
            panic!("the built-in headings.toml is malformed: {error}");
        }
        if let Some(path) = own_file() {
            let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
            if let Err(error) =
                read.and_then(|text| lists.add(&text).map_err(|error| error.to_string()))
            {
                tracing::warn!(file = %path.display(), error, "the deployment's own headings could \
                    not be read; the built-in ones are used");
            }
        }
        lists
    })
}

fn own_file() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("HOTWASH_HEADINGS") {
        return Some(path.into());
    }
    FOLDER.get().map(|folder| folder.join("headings.toml")).filter(|file| file.is_file())
}

/// Folder of the deployment's own list.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Makes [`lists`] include `headings.toml` of the deployment's home folder; the first call counts.
pub fn use_folder(home: &Path) {
    FOLDER.get_or_init(|| home.to_owned());
}

impl HeadingLists {
    /// Adds lists in the format of `headings.toml`; the last meaning of a name is used.
    pub fn add(&mut self, text: &str) -> Result<(), toml::de::Error> {
        let sections: Sections = toml::from_str(text)?;
        for (section, fields) in sections {
            let headings = self.headings.entry(section).or_default();
            headings.extend(fields.values().flatten().cloned());
            let names = self.names.entry(section).or_default();
            for (field, aliases) in fields {
                names.extend(aliases.iter().map(|alias| (key(alias), field.clone())));
                names.entry(key(&field)).or_insert(field);
            }
        }
        Ok(())
    }

    /// Returns the field that a name means in a section.
    pub fn field(&self, section: Section, name: &str) -> Option<&str> {
        self.names.get(&section)?.get(&key(name)).map(String::as_str)
    }

    /// Returns the names of a section's fields as the lists write them, for suggestions.
    pub fn headings_of(&self, section: Section) -> Vec<String> {
        self.headings.get(&section).cloned().unwrap_or_default()
    }

    /// Returns the field of the longest name of a section that occurs in a text as complete words.
    pub fn word_within(&self, section: Section, text: &str) -> Option<&str> {
        let words: Vec<String> = text
            .split(|letter: char| !letter.is_alphanumeric())
            .map(key)
            .filter(|word| !word.is_empty())
            .collect();
        let names = self.names.get(&section)?;
        let spans = (1..=words.len().min(4)).rev().flat_map(|count| words.windows(count));
        spans.filter_map(|span| names.get(&span.concat())).next().map(String::as_str)
    }

    /// Returns whether a column contains names of persons or contact details, by its entire heading
    /// or by one word of it (`Agency POC/e-mail`).
    pub fn is_dropped(&self, heading: &str) -> bool {
        let is_word = |word: &str| self.field(Section::DroppedWords, word).is_some();
        self.field(Section::Dropped, heading).is_some()
            || heading.chars().count() <= LONGEST_HEADING
                && heading
                    .split(|letter: char| !letter.is_alphanumeric() && letter != '-')
                    .any(is_word)
    }

    /// Returns whether a text in the column of issues or actions means that there is none.
    pub fn is_none(&self, text: &str) -> bool {
        let text = text.trim();
        self.field(Section::None, text).is_some()
            || !text.is_empty() && !text.chars().any(char::is_alphanumeric)
    }

    /// Returns whether a text is in any list.
    pub fn is_known(&self, text: &str) -> bool {
        let key = key(text);
        self.names.values().any(|names| names.contains_key(&key))
    }

    /// Returns whether a text means that there is no due date.
    pub fn is_undated(&self, text: &str) -> bool {
        self.field(Section::Undated, text).is_some()
    }

    /// Returns whether a text stands in place of an organization, such as `Various`.
    pub fn names_nobody(&self, text: &str) -> bool {
        self.field(Section::Nobody, text).is_some()
    }

    /// Returns the status that a word means.
    pub fn status(&self, word: &str) -> Option<ActionStatus> {
        ActionStatus::parse(self.field(Section::Status, word)?)
    }

    /// Returns the code of the capability element that a word means.
    pub fn element(&self, word: &str) -> Option<&str> {
        self.field(Section::Element, word)
    }

    /// Returns the first word of a section's lists that occurs in a text.
    pub fn within(&self, section: Section, text: &str) -> Option<&str> {
        let text = key(text);
        let names = self.names.get(&section)?;
        names
            .iter()
            .filter(|(name, _)| text.contains(name.as_str()))
            .max_by_key(|(name, field)| (name.len(), *field))
            .map(|(_, field)| field.as_str())
    }

    /// Returns the field that a heading means. Tries the heading as written, then without brackets,
    /// further lines, text after a dash, or a final scale, then the longest name it contains. A
    /// heading for persons means nothing.
    pub fn field_of_heading(&self, section: Section, heading: &str) -> Option<&str> {
        let exact = self.field(section, heading);
        if exact.is_some() || self.is_dropped(heading) || heading.chars().count() > LONGEST_HEADING
        {
            return exact;
        }
        let before = |end: &str| heading.split_once(end).map(|(before, _)| before);
        // `Impact 1-10`, `Severity [0-4]`, `Likelihood /5`: the rest after the words is the scale.
        let unscaled = heading.find(|letter: char| letter.is_ascii_digit() || letter == '%');
        let unscaled = unscaled
            .and_then(|end| heading.get(..end))
            .map(|name| name.trim_end_matches([' ', '[', '/', '{', ',']));
        let shorter = [
            before("("),
            heading.lines().next(),
            before(":"),
            before(" - "),
            before(" \u{2013} "),
            unscaled.filter(|_| section == Section::Hva),
        ];
        if let Some(field) =
            shorter.into_iter().flatten().find_map(|part| self.field(section, part))
        {
            return Some(field);
        }
        let name = key(heading);
        let names = self.names.get(&section)?;
        let within = names
            .iter()
            .filter(|(known, _)| known.len() >= LONG_NAME && name.contains(known.as_str()));
        within.max_by_key(|(known, field)| (known.len(), *field)).map(|(_, field)| field.as_str())
    }

    /// Returns the columns for these headings; the first column of a field counts.
    pub fn columns<'a>(
        &self,
        section: Section,
        headings: impl Iterator<Item = &'a str>,
    ) -> Columns {
        let headings: Vec<&str> = headings.collect();
        let own = self.first_table(section, &headings);
        let mut columns = Columns { marked: self.marks(section, &headings), ..Columns::default() };
        for (index, heading) in headings.into_iter().enumerate() {
            columns.headings.push(heading.lines().collect::<Vec<_>>().join(" "));
            if columns.takes(index) || index >= own {
                continue;
            }
            if let Some(field) = self.field_of_heading(section, heading) {
                match columns.indexes.get(field).copied() {
                    None => {
                        columns.indexes.insert(field.to_owned(), index);
                    }
                    // `Target Date | Completion Date`: the date of completion stands next to a
                    // planned date.
                    Some(first) if section == Section::ImprovementPlan && field == "due" => {
                        let is_planned =
                            |heading: &str| self.field(Section::PlannedOrDone, heading).is_none();
                        let (planned, done) = if is_planned(&columns.headings[first]) {
                            (first, index)
                        } else {
                            (index, first)
                        };
                        if is_planned(&columns.headings[planned])
                            && !is_planned(&columns.headings[done])
                        {
                            columns.indexes.insert("due".into(), planned);
                            columns.indexes.entry("completed".into()).or_insert(done);
                        }
                    }
                    Some(_) => {}
                }
            } else if self.is_dropped(heading) {
                columns.dropped.push(index);
            }
        }
        columns
    }

    /// Returns the number of columns up to a second table beside the first one: behind a column
    /// without a heading, several fields are repeated.
    fn first_table(&self, section: Section, headings: &[&str]) -> usize {
        let fields = |part: &[&str]| -> BTreeSet<&str> {
            part.iter().filter_map(|heading| self.field(section, heading)).collect()
        };
        let gaps = (1..headings.len()).filter(|index| headings[*index].trim().is_empty());
        let mut second = gaps.filter(|index| {
            let (first, second) = (fields(&headings[..*index]), fields(&headings[*index..]));
            first.len() >= 3 && first.intersection(&second).count() >= 2
        });
        second.next().unwrap_or(headings.len())
    }

    /// Returns the adjacent columns of a plan whose headings are the values of one field.
    fn marks(
        &self,
        section: Section,
        headings: &[&str],
    ) -> BTreeMap<&'static str, Vec<(usize, String)>> {
        let mut marks = BTreeMap::new();
        if section != Section::ImprovementPlan {
            return marks;
        }
        for (field, fewest) in FEWEST_MARKED {
            let mut run: Vec<(usize, String)> = Vec::new();
            for index in 0..=headings.len() {
                let word =
                    headings.get(index).and_then(|heading| self.marked_word(field, heading, &run));
                match word {
                    Some(word) => run.push((index, word)),
                    None if run.len() >= fewest => break,
                    None => run.clear(),
                }
            }
            if run.len() >= fewest {
                marks.insert(field, run);
            }
        }
        marks
    }

    /// Returns the value of a field that a heading means, unless the columns before have it
    /// already. In `P O E T E`, the first E is equipment.
    fn marked_word(&self, field: &str, heading: &str, run: &[(usize, String)]) -> Option<String> {
        let word = match (field, key(heading).as_str()) {
            ("element", "e") if run.iter().any(|(_, word)| word == "equipment") => {
                "exercises".to_owned()
            }
            ("element", "e") => "equipment".to_owned(),
            ("element", _) => self.element(heading)?.to_lowercase(),
            _ => {
                self.status(heading)?;
                heading.trim().to_owned()
            }
        };
        run.iter().all(|(_, known)| *known != word).then_some(word)
    }

    /// Returns the columns of a header whose last row is `index`. A header can have two or three
    /// rows: an empty cell takes the heading above it, and an ambiguous one is read together with
    /// the heading above it.
    pub fn columns_at(&self, section: Section, rows: &[Vec<String>], index: usize) -> Columns {
        let width =
            rows[index].len().max(index.checked_sub(1).map_or(0, |above| rows[above].len()));
        let above: Vec<&Vec<String>> = rows[index.saturating_sub(2)..index].iter().rev().collect();
        let cell = |row: &Vec<String>, column: usize| {
            row.get(column)
                .filter(|text| !text.is_empty() && text.chars().count() <= LONGEST_HEADING)
                .cloned()
        };
        let headings: Vec<String> = (0..width)
            .map(|column| {
                let Some(own) = rows[index].get(column).filter(|text| !text.is_empty()) else {
                    return above.iter().find_map(|row| cell(row, column)).unwrap_or_default();
                };
                if self.field_of_heading(section, own).is_some() || self.is_dropped(own) {
                    return own.clone();
                }
                let band = above
                    .first()
                    .and_then(|row| (0..=column).rev().find_map(|left| cell(row, left)));
                let joined = band.map(|band| format!("{band} {own}"));
                joined
                    .filter(|joined| self.field(section, joined).is_some())
                    .unwrap_or_else(|| own.clone())
            })
            .collect();
        self.columns(section, headings.iter().map(String::as_str))
    }

    /// Returns the largest share of a row's headings that a section knows, among the first rows.
    pub fn known_share(&self, section: Section, grid: &Grid) -> f64 {
        let rows = grid.rows.iter().take(HEADER_ROWS).map(texts).filter(|row| row.len() >= 2);
        let share = rows.map(|row| {
            let known = row.iter().filter(|text| self.field(section, text).is_some()).count();
            known as f64 / row.iter().filter(|text| !text.is_empty()).count().max(1) as f64
        });
        share.fold(0.0, f64::max)
    }

    /// Finds the header of a grid: the row, among the first, with most fields of the section and
    /// all of `needed`. Returns its index and its columns.
    pub fn header(
        &self,
        section: Section,
        grid: &Grid,
        needed: &[&str],
    ) -> Option<(usize, Columns)> {
        let rows: Vec<Vec<String>> = grid.rows.iter().take(HEADER_ROWS).map(texts).collect();
        let mut best: Option<(usize, Columns)> = None;
        for index in 0..rows.len() {
            let columns = self.columns_at(section, &rows, index);
            // Months can be headings next to known ones; a row of data contains at most one of our
            // words.
            if is_data(&rows[index])
                && rows[index].iter().filter(|text| self.field(section, text).is_some()).count() < 3
            {
                continue;
            }
            if columns.has(needed)
                && best.as_ref().is_none_or(|(_, known)| columns.known() > known.known())
            {
                best = Some((index, columns));
            }
        }
        if let Some((index, columns)) = &mut best {
            columns.written = grid.rows[*index].written();
        }
        best
    }
}

/// Returns whether a row contains data instead of headings: a date, a contact detail, or mostly
/// numbers.
pub fn is_data(cells: &[String]) -> bool {
    let filled = || cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let is_number = |text: &&str| super::number::number(text).is_some();
    // `2025` can be a heading; `5/14/2025` cannot.
    let is_day = |text: &str| {
        let figures = text
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .count();
        figures >= 3
            && text.len() <= 30
            && super::time::day(text, super::time::End::First).is_some()
    };
    let is_contact = |text: &str| text.contains('@') && crate::redact::redact(text).1 > 0;
    filled().any(|text| is_day(text) || is_contact(text)) || {
        let numbers = filled().filter(is_number).count();
        numbers > 0 && 2 * numbers >= filled().count()
    }
}

/// Returns the text of each cell in a row.
pub fn texts(row: &GridRow) -> Vec<String> {
    row.cells().iter().map(hotwash_documents::grid::GridCell::text).collect()
}

#[cfg(test)]
mod tests {
    use super::{HeadingLists, OWN, Section, key};

    #[test]
    fn the_built_in_lists_are_well_formed_and_a_deployment_adds_to_them() {
        let mut lists = HeadingLists::default();
        lists.add(OWN).unwrap();
        assert_eq!(lists.field(Section::ImprovementPlan, "Capability Element1"), Some("element"));
        assert_eq!(lists.field(Section::Hva, "PREPARED-NESS"), Some("preparedness"));
        assert_eq!(lists.field(Section::ImprovementPlan, "Wer"), None);
        lists.add("[improvement_plan]\nowner = [\"Wer\"]").unwrap();
        assert_eq!(lists.field(Section::ImprovementPlan, "WER:"), Some("owner"));
        let unknown = lists.add("[improvement_plans]\nowner = [\"Wer\"]").unwrap_err().to_string();
        assert!(unknown.contains("unknown variant `improvement_plans`, expected one of"));
        assert_eq!(Section::of_list("status"), Some(Section::Status));
        assert_eq!(Section::of_list("hazard"), None);
        assert!(lists.is_dropped("Organization POC"));
        assert_eq!(key("% Complete"), "percentcomplete");
    }

    #[test]
    fn every_section_of_words_that_a_template_names_exists() {
        let columns = hotwash_schema::record::RECORD_TYPES
            .iter()
            .flat_map(|record| record.template_columns());
        let named: Vec<_> = columns.filter(|column| column.words != column.heading).collect();
        assert!(!named.is_empty());
        for column in named {
            assert!(Section::of_list(column.words).is_some(), "{column:?}");
        }
    }
}
