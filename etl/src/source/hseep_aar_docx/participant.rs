//! Reads participants from the overview's list, a table, or bullets by discipline under a heading
//! about participants.

use crate::code::WarningCode;
use std::collections::HashSet;

use hotwash_documents::block::Paragraph;
use hotwash_schema::record::PARTICIPATION;

use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::headings::{Columns, lists};
use crate::reading::items::unmarked;
use crate::reading::person::organization_part;
use crate::record::{EventRef, FieldValue, OrganizationRef, ParticipationRole, ReadRecord};
use crate::redact::redact;
use crate::source::SourceError;
use crate::source::cell_labels;
use crate::source::record_id::derived_id;

/// Maximum length of a line that may name an organization, in letters.
const LONGEST_NAME: usize = 110;

/// Part of a document that lists participants, as warnings name it.
const COLUMN: &str = "Participating Organizations";

/// Organization as written.
#[derive(Clone, Debug)]
struct Named {
    position: u64,
    name: String,
    count: Option<i32>,
}

/// Lists of participants collected from a document.
#[derive(Default)]
pub struct ParticipantList {
    named: Vec<Named>,
    /// Counted kinds of participants, such as 14 `Hospitals`.
    counts: Vec<(String, i32)>,
    /// Level of the heading whose list is being read.
    section: Option<u8>,
}

impl ParticipantList {
    /// Returns whether the document lists no participants.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Reads a heading, which starts a list, ends one, or names a group within it.
    pub fn heading(&mut self, text: &str, level: u8) {
        let lower = text.to_lowercase();
        if lower.contains("participants")
            || lower.contains("participating")
            || lower.contains("participation")
        {
            let is_feedback = lower.contains("feedback")
                || lower.contains("survey")
                || lower.contains("number of");
            self.section = (!is_feedback).then_some(level);
        } else if self.section.is_some_and(|own| level <= own) {
            self.section = None;
        }
    }

    /// Reads a paragraph below such a heading.
    pub fn paragraph(&mut self, position: u64, paragraph: &Paragraph) {
        if self.section.is_none() || paragraph.heading().is_some() {
            return;
        }
        // The name of a group, in bold, above its list.
        if paragraph.is_bold() && !paragraph.listed {
            return;
        }
        for line in paragraph.text.lines() {
            let is_item = paragraph.listed || unmarked(line).len() < line.trim().len();
            if is_item || !is_sentence(line) {
                self.line(position, line, None);
            }
        }
    }

    /// Reads the rows of a table of participants.
    pub fn rows(&mut self, position: u64, rows: &[Vec<String>], columns: &Columns) {
        for row in rows {
            let cell = |field: &str| {
                columns.index_of(field).and_then(|at| row.get(at)).cloned().unwrap_or_default()
            };
            let count = cell("count").trim().parse().ok();
            // The name of a group across the table.
            if row.len() > 1
                && row.iter().filter(|text| !text.trim().is_empty()).count() == 1
                && is_group(&cell("organization"))
            {
                continue;
            }
            for line in cell("organization").lines() {
                self.line(position, line, count);
            }
        }
    }

    /// Reads a plain table below a heading about participants: one name per row, or names in every
    /// cell.
    pub fn list(&mut self, position: u64, cells: &[Vec<String>]) -> bool {
        if self.section.is_none() {
            return false;
        }
        for row in cells {
            let filled: Vec<&String> = row.iter().filter(|cell| !cell.trim().is_empty()).collect();
            if filled.iter().all(|cell| is_heading(cell)) {
                continue;
            }
            match filled.as_slice() {
                // `Hospitals | Lawrence General Hospital`
                [group, names] if is_group(group) && names.trim().parse::<i32>().is_err() => {
                    names.lines().for_each(|line| self.line(position, line, None))
                }
                [name, count] if count.trim().parse::<i32>().is_ok() => {
                    let count = count.trim().parse().ok();
                    name.lines().for_each(|line| self.line(position, line, count));
                }
                names => names
                    .iter()
                    .flat_map(|text| text.lines())
                    .for_each(|line| self.line(position, line, None)),
            }
        }
        true
    }

    /// Reads the overview's list, one name per line or all in one line.
    pub fn overview(&mut self, text: &str) {
        let lines: Vec<&str> = text.lines().collect();
        for line in &lines {
            // Redaction recognizes a person by the words next to the name, so redact before
            // splitting.
            if redact(line).1 > 0 {
                self.line(1, line, None);
            } else {
                for part in line.split(';') {
                    if lines.len() == 1 && part.matches(", ").count() >= 2 {
                        part.split(", ").for_each(|name| self.line(1, name, None));
                    } else {
                        self.line(1, part, None);
                    }
                }
            }
        }
    }

    /// Reads one line: a name, a group with its names (`Hospitals: A, B`), or a name with a count
    /// (`Mercy Hospital (12)`).
    fn line(&mut self, position: u64, line: &str, count: Option<i32>) {
        let line = unmarked(line.trim());
        let line =
            line.strip_prefix("and ").unwrap_or(line).trim_end_matches(['.', ';', ',']).trim();
        if let Some(counted) = count_of_kind(line, count) {
            self.counts.push(counted);
            return;
        }
        // `12 hospitals, 4 EMS agencies and 3 health departments`
        let parts =
            || line.split([',', ';', '&']).flat_map(|part| part.split(" and ")).map(str::trim);
        if count.is_none()
            && parts().count() > 1
            && parts().any(|part| count_of_kind(part, None).is_some())
        {
            parts().for_each(|part| self.line(position, part, None));
            return;
        }
        if let Some((group, names)) = line.split_once(':').filter(|_| redact(line).1 == 0)
            && (is_group(group) || group.len() <= 40 && !group.contains(','))
        {
            names.split([',', ';']).for_each(|name| self.line(position, name, None));
            return;
        }
        let lower = line.to_lowercase();
        let points_elsewhere =
            ["appendix", "see ", "refer to", "listed in", "as follows", "following"]
                .iter()
                .any(|word| lower.contains(word));
        if line.is_empty()
            || line.starts_with('[')
            || is_group(line)
            || points_elsewhere
            || line.chars().count() > LONGEST_NAME
        {
            return;
        }
        let (name, counted) = counted(line);
        self.named.push(Named { position, name: name.to_owned(), count: count.or(counted) });
    }

    /// Writes the participants, each once.
    pub fn write(
        &self,
        event: &str,
        region_id: i32,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        if !self.counts.is_empty() {
            let counts = self
                .counts
                .iter()
                .map(|(kind, count)| format!("{kind} {count}"))
                .collect::<Vec<_>>()
                .join(", ");
            let message = format!(
                "participants are counted by kind ({counts}); a count names no organization, and \
                 none is stored for it"
            );
            sink.warn(WarningCode::ParticipantsByType, Some(COLUMN), None, &message, 0);
        }
        let mut known = HashSet::new();
        for Named { position, name, count } in &self.named {
            let (organization, left_out) = organization_part(name);
            (0..left_out).for_each(|_| sink.dropped());
            let Some(name) = organization else { continue };
            let key = hotwash_schema::label::normalize_label(&name);
            if key.is_empty() || !key.contains(char::is_alphabetic) || !known.insert(key) {
                continue;
            }
            if cell_labels::is_no_organization(&name) || lists().is_undated(&name) {
                let message = "names no organization; no participant is stored for it";
                let code = WarningCode::UnknownOrganization;
                sink.warn(code, Some(COLUMN), Some(&name), message, *position);
                continue;
            }
            sink.read_one()?;
            cell_labels::doubt_organization(&name, COLUMN, *position, lookup, sink);
            let source_id = format!("{event}|participant|{}", derived_id(&[&name]));
            let region_id = cell_labels::region_of_organization(&name, lookup, region_id);
            let organization = OrganizationRef::Named { name, region_id };
            let values = [
                ("event_ref", FieldValue::text(EventRef::id(event).staged())),
                ("organization_ref", FieldValue::text(organization.staged())),
                ("role", FieldValue::text(ParticipationRole::Player.code())),
                ("participant_count", FieldValue::Integer(*count)),
            ];
            sink.record(&ReadRecord::with(&PARTICIPATION, *position, source_id, values))?;
        }
        Ok(())
    }
}

/// Parses a kind of participants and its count: `Hospitals \u{2013} 14`, `EMS agencies: 9`, `14
/// hospitals`.
fn count_of_kind(line: &str, count: Option<i32>) -> Option<(String, i32)> {
    let links = ['-', '\u{2013}', '\u{2014}', ':', '=', '(', ')', ' ', '\u{a0}'];
    let tidy = |kind: &str| kind.trim_matches(links).to_owned();
    let (kind, count) = match count {
        Some(count) => (tidy(line), count),
        None => {
            let is_digit = |letter: char| letter.is_ascii_digit();
            let plain = line.trim_matches(links);
            let before = plain.trim_end_matches(is_digit);
            let after = plain.trim_start_matches(is_digit);
            // `Region 3` is a name, not a count.
            let is_linked =
                before.trim_end().ends_with(['-', '\u{2013}', '\u{2014}', ':', '=', '(']);
            let (word, rest) = plain.split_once(' ').unwrap_or_default();
            let spelled = NUMBERS.iter().position(|number| word.eq_ignore_ascii_case(number));
            if let Some(position) = spelled {
                (tidy(rest), i32::try_from(position).ok()? + 1)
            } else if before.len() < plain.len() {
                if !is_linked {
                    return None;
                }
                (tidy(before), plain[before.len()..].parse().ok()?)
            } else {
                (tidy(after), plain[..plain.len() - after.len()].parse().ok()?)
            }
        }
    };
    is_kind(&kind).then_some((kind, count))
}

/// Counts in words, from one.
const NUMBERS: [&str; 20] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// Returns whether a cell is a column heading of a table of participants.
fn is_heading(text: &str) -> bool {
    const WORDS: &str = "type types number count counts organization organizations agency agencies \
        name names discipline category \
        participant participants participating role sector kind total facility of attendees \
        represented players";
    let name = hotwash_schema::label::normalize_label(text);
    !name.is_empty()
        && name.split(' ').all(|word| WORDS.split_whitespace().any(|known| known == word))
}

/// Returns whether a text names a kind of organization or participant rather than one by name.
fn is_kind(text: &str) -> bool {
    const WORDS: &str = "hospital hospitals ems agency agencies long term care facility facilities \
        nursing home homes public \
        health local department departments emergency management medical service services fire \
        police law enforcement state \
        federal counties regional tribal other others partner partners organization organizations \
        community center \
        centers clinic clinics hospice hospices dialysis behavioral mental non government \
        governmental nongovernmental private \
        sector volunteer volunteers evaluator evaluators player players observer observers \
        controller controllers staff total \
        totals participant participants attendee attendees school schools university universities \
        utility utilities academia \
        acute ambulatory surgical surgery critical access assisted living skilled rural urgent \
        blood pharmacy pharmacies \
        transport ambulance ambulances company companies dispatch and or of the number coalition \
        coalitions member members \
        healthcare provider providers municipal municipalities towns cities boards districts \
        regions role roles actor actors victim victims patient patients people persons facilitator \
        facilitators jurisdiction jurisdictions responder responders rehabilitation psychiatric \
        pediatric specialty vendors \
        vendor federally qualified outpatient primary physician practices labs laboratories \
        laboratory morgue coroner coroners";
    let lower = text.to_lowercase();
    let mut words = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    words.peek().is_some() && words.all(|word| WORDS.split_whitespace().any(|known| known == word))
}

/// Splits a name from its count: `Mercy Hospital (12)`, `Mercy Hospital (12 participants)` or
/// `Mercy Hospital \u{2013} 12`.
fn counted(line: &str) -> (&str, Option<i32>) {
    let dashed = line.rsplit_once([' ', '\u{a0}']).and_then(|(name, count)| {
        let name = name.trim_end().strip_suffix(['-', '\u{2013}', '\u{2014}'])?;
        Some((name.trim_end(), count.parse().ok()?))
    });
    if let Some((name, count)) = dashed {
        return (name, Some(count));
    }
    let Some((name, rest)) = line.rsplit_once('(') else { return (line, None) };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let rest = rest[digits.len()..].trim_end_matches(')').trim();
    match digits.parse() {
        Ok(count)
            if rest.is_empty()
                || ["participants", "players", "staff", "people", "attendees"].contains(&rest) =>
        {
            (name.trim(), Some(count))
        }
        _ => (line, None),
    }
}

fn is_sentence(line: &str) -> bool {
    line.ends_with('.') && line.split_whitespace().count() > 8
        || line.split_whitespace().count() > 16
}

/// Returns whether a text is a group of the template's list or a discipline, which is not an
/// organization.
fn is_group(text: &str) -> bool {
    const GROUPS: [&str; 44] = [
        "federal",
        "state",
        "local",
        "regional",
        "tribal",
        "county",
        "municipal",
        "private sector",
        "other",
        "others",
        "total",
        "totals",
        "hospitals",
        "hospital",
        "acute care hospitals",
        "federal agencies",
        "state agencies",
        "local agencies",
        "public health",
        "local public health",
        "boards of health",
        "ems",
        "emergency medical services",
        "emergency management",
        "long term care",
        "long term care facilities",
        "community health centers",
        "community health center",
        "home health",
        "home health agencies",
        "nursing homes",
        "fire",
        "police",
        "law enforcement",
        "public safety",
        "participants",
        "players",
        "observers",
        "evaluators",
        "controllers",
        "participating organizations",
        "volunteer organizations",
        "non governmental organizations",
        "agencies",
    ];
    let name = hotwash_schema::label::normalize_label(text);
    GROUPS.contains(&name.as_str())
        || name.starts_with("total number")
        || name == "core disciplines"
        || name == "facilities"
}

#[cfg(test)]
mod tests {
    use super::ParticipantList;

    #[test]
    fn names_are_told_from_groups_counts_and_remarks() {
        let mut participants = ParticipantList::default();
        participants.overview(
            "Lawrence General Hospital (12)\nHospitals: Holy Family Hospital, \
            Anna Jaques Hospital\nEMS\nSee Appendix B for a full list",
        );
        let named: Vec<(&str, Option<i32>)> =
            participants.named.iter().map(|named| (named.name.as_str(), named.count)).collect();
        assert_eq!(
            named,
            [
                ("Lawrence General Hospital", Some(12)),
                ("Holy Family Hospital", None),
                ("Anna Jaques Hospital", None)
            ]
        );
        let mut counts = ParticipantList::default();
        counts.overview(
            "Hospitals \u{2013} 14\nEMS agencies: 9\n5 nursing homes\nLong-Term Care Facilities \
             (6)\nTotal - 34\n\
             Mercy Hospital \u{2013} 3",
        );
        let kinds: Vec<(&str, i32)> =
            counts.counts.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
        assert_eq!(
            kinds,
            [
                ("Hospitals", 14),
                ("EMS agencies", 9),
                ("nursing homes", 5),
                ("Long-Term Care Facilities", 6),
                ("Total", 34)
            ]
        );
        assert_eq!(counts.named.len(), 1);
        assert_eq!(
            (counts.named[0].name.as_str(), counts.named[0].count),
            ("Mercy Hospital", Some(3))
        );
        let mut one_line = ParticipantList::default();
        one_line.overview("MDPH, Lawrence General Hospital, and Cataldo Ambulance Service.");
        assert_eq!(one_line.named.len(), 3);
        assert_eq!(one_line.named[2].name, "Cataldo Ambulance Service");
    }
}
