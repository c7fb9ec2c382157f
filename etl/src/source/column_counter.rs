//! Counts the filled cells of each column while a table is read, and reports the columns' use.

use std::borrow::Cow;

use super::column_usage::{ColumnFate, ColumnUsage};
use crate::inspect::trace;
use crate::load::Sink;
use crate::reading::headings::key;
use crate::reading::person::is_owner_person;
use crate::redact::redact;

/// Maximum number of values shown for an unread column.
const MOST_SAMPLES: usize = 3;
/// Maximum length of a value shown, in characters.
const LONGEST_SAMPLE: usize = 80;
/// Minimum similarity of two headings, from 0 to 1, at which one is suggested for the other.
const LIKE: f64 = 0.6;

/// Heading of a column, with the column's use.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Heading as written in the file.
    pub name: String,
    /// Use of the column.
    pub fate: ColumnFate,
    /// Field that the heading means.
    pub field: Option<String>,
    /// Index of the column that is read instead, if two columns mean one field.
    pub read_instead: Option<usize>,
}

/// Counts the filled cells of each column of one table, row by row.
pub struct ColumnCounter {
    sheet: String,
    headings: Vec<Heading>,
    /// Headings that can be suggested.
    known: Vec<String>,
    counts: Vec<Count>,
}

#[derive(Clone, Default)]
struct Count {
    filled: u64,
    first_row: u64,
    samples: Vec<String>,
}

impl ColumnCounter {
    /// Creates the counter of a table with these headings, before its first row.
    pub fn new(sheet: &str, headings: Vec<Heading>, known: Vec<String>) -> Self {
        let counts = vec![Count::default(); headings.len()];
        Self { sheet: sheet.to_owned(), headings, known, counts }
    }

    /// Adds a column that occurs in only some records; returns its index.
    pub fn add(&mut self, heading: Heading) -> usize {
        self.headings.push(heading);
        self.counts.push(Count::default());
        self.headings.len() - 1
    }

    /// Counts the cells of a row.
    pub fn row<'a>(
        &mut self,
        number: u64,
        is_filled: impl Fn(usize) -> bool,
        text: impl Fn(usize) -> Cow<'a, str>,
    ) {
        for index in (0..self.headings.len()).filter(|index| is_filled(*index)) {
            self.cell(index, number, || text(index));
        }
    }

    /// Counts a filled cell.
    pub fn cell<'a>(&mut self, index: usize, number: u64, text: impl FnOnce() -> Cow<'a, str>) {
        let (heading, count) = (&self.headings[index], &mut self.counts[index]);
        if count.filled == 0 {
            count.first_row = number;
        }
        count.filled += 1;
        let is_sampled = heading.fate == ColumnFate::Unread && count.samples.len() < MOST_SAMPLES;
        if !is_sampled && !trace::is_on() {
            return;
        }
        let text = text();
        trace::cell(&self.sheet, index, number, &text);
        if is_sampled {
            let sample = sample(&text);
            if !count.samples.contains(&sample) {
                count.samples.push(sample);
            }
        }
    }

    /// Reports the columns to the sink.
    pub fn close(self, sink: &mut Sink) {
        let position = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        for (index, (heading, count)) in self.headings.into_iter().zip(self.counts).enumerate() {
            if heading.name.is_empty() && (heading.fate != ColumnFate::Unread || count.filled == 0)
            {
                continue;
            }
            let is_free = heading.fate == ColumnFate::Unread && heading.field.is_none();
            sink.column(ColumnUsage {
                sheet: Some(self.sheet.clone()).filter(|name| !name.is_empty()),
                position: position(index),
                nearest: nearest(&heading.name, &self.known).filter(|_| is_free),
                heading: redact(&heading.name).0.into_owned(),
                fate: heading.fate,
                field: heading.field,
                filled: count.filled,
                samples: count.samples,
                read_instead: heading.read_instead.map(position),
                first_row: count.first_row,
            });
        }
    }
}

/// Returns a value that is safe to show: short, redacted, and free of persons' names.
fn sample(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_owner_person(&text) {
        return "[redacted]".into();
    }
    redact(&text).0.chars().take(LONGEST_SAMPLE).collect()
}

/// Returns the known heading most similar to this one, by letters or by shared words.
fn nearest(heading: &str, known: &[String]) -> Option<String> {
    let words = |text: &str| -> Vec<String> {
        text.split(|letter: char| !letter.is_alphanumeric())
            .map(key)
            .filter(|word| word.len() > 2)
            .collect()
    };
    let (name, own) = (key(heading), words(heading));
    let likeness = |other: &str| {
        let theirs = words(other);
        let shared = own.iter().filter(|word| theirs.contains(word)).count();
        let dice = 2.0 * shared as f64 / (own.len() + theirs.len()).max(1) as f64;
        strsim::jaro_winkler(&name, &key(other)).min(0.99) * 0.5
            + 0.5 * dice.max(strsim::normalized_levenshtein(&name, &key(other)))
    };
    let rated = known.iter().map(|other| (likeness(other), other));
    let best = rated.max_by(|one, two| one.0.total_cmp(&two.0).then_with(|| two.1.cmp(one.1)));
    best.filter(|(likeness, _)| *likeness >= LIKE).map(|(_, name)| name.clone())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_heading_shares_letters_or_words() {
        let known: Vec<String> =
            ["Due Date", "Corrective Action", "Responsible Organization", "Status"]
                .map(str::to_owned)
                .to_vec();
        for (heading, expected) in [
            ("Duedate (fed)", Some("Due Date")),
            ("Corrective Actoin", Some("Corrective Action")),
            ("Organization Responsible", Some("Responsible Organization")),
            ("Funding Source", None),
            ("", None),
        ] {
            assert_eq!(nearest(heading, &known).as_deref(), expected, "{heading}");
        }
    }
}
