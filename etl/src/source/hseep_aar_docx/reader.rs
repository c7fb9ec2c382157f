//! Reads the analysis section by paragraph. Strengths and areas for improvement are headings,
//! labeled lines, bold run-ins, bullets or plain paragraphs. Each has a Reference, Analysis and
//! Recommendation.

use hotwash_documents::block::Paragraph;

use super::finding::WrittenFinding;
use super::words::{self, FindingField, is_placeholder};
use crate::lookup::Lookup;
use crate::record::FindingKind;

/// Maximum length of a line that may be a heading or title.
const SHORT: usize = 120;

/// Form in which a finding started, which determines its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    /// A label such as `Strength 1:`, or a heading: ends at the next one.
    Label,
    /// Bold words: ends at the next bold words.
    Bold,
    /// An item of a list at this level.
    Item(u8),
    /// A plain paragraph: ends with the paragraph.
    Plain,
}

/// Finding that is being read.
struct Open {
    finding: WrittenFinding,
    into: FindingField,
    begun: Begun,
    /// Its fields have their own paragraphs, and may continue in further ones.
    fields_apart: bool,
}

/// Part of the report that lists findings of one kind.
#[derive(Clone, Copy)]
struct Section {
    kind: FindingKind,
    /// Level of its heading, if it has one.
    level: Option<u8>,
}

/// Reads paragraphs in order.
#[derive(Default)]
pub struct Reader {
    capability: String,
    objective: Option<u32>,
    section: Option<Section>,
    open: Option<Open>,
    /// In the executive summary, which repeats the analysis.
    in_summary: bool,
    found: Vec<WrittenFinding>,
    summary: Vec<WrittenFinding>,
}

impl Reader {
    /// Reads the next paragraph.
    pub fn paragraph(&mut self, position: u64, paragraph: &Paragraph, lookup: &Lookup) {
        let is_title = words::is_title(&paragraph.text);
        for (at, line) in paragraph.text.lines().flat_map(words::cut_at_fields).enumerate() {
            if line.is_empty() || is_placeholder(line) {
                continue;
            }
            if at == 0 {
                self.first_line(position, line, paragraph, is_title, lookup);
            } else if !self.labeled(position, line, false) {
                match (&mut self.open, self.section) {
                    (Some(open), _) => append(&mut open.finding, open.into, line),
                    (None, Some(section)) => self.item(position, section.kind, line, Begun::Plain),
                    _ => {}
                }
            }
        }
    }

    fn first_line(
        &mut self,
        position: u64,
        line: &str,
        paragraph: &Paragraph,
        is_title: bool,
        lookup: &Lookup,
    ) {
        let level = paragraph.heading().or(is_title.then_some(1));
        let is_short = line.len() <= SHORT;
        if let Some(kind) = words::section(line) {
            self.end();
            self.section = Some(Section { kind, level: paragraph.heading() });
            return;
        }
        if is_title {
            self.end();
            self.in_summary = line.to_lowercase().contains("executive summary");
        }
        if let Some(name) = words::capability(line).filter(|name| is_short && !is_placeholder(name))
        {
            self.end();
            (self.capability, self.section) = (name.to_owned(), None);
            return;
        }
        if let Some((number, rest)) =
            words::objective(line).filter(|_| level.is_some() || !paragraph.listed)
        {
            self.end();
            (self.objective, self.section) = (Some(number), None);
            self.capability = if lookup.lists().capability(rest, None).is_ok() {
                rest.to_owned()
            } else {
                String::new()
            };
            return;
        }
        if self.is_capability(line, paragraph, level, lookup) {
            self.end();
            (self.capability, self.section) = (line.to_owned(), None);
            return;
        }
        if self.labeled(position, line, true) {
            return;
        }
        if let Some(level) = level {
            self.heading(position, line, level);
            return;
        }
        let Some(section) = self.section else {
            if let Some(open) = &mut self.open {
                append(&mut open.finding, open.into, line);
            }
            return;
        };
        if words::is_boilerplate(line) {
            return;
        }
        let item = words::unnumbered(line);
        let is_item = paragraph.listed || item.is_some();
        let item_text = item.unwrap_or_else(|| line.to_owned());
        let is_run_in = !is_item
            && paragraph.bold_beginning().chars().filter(|letter| letter.is_alphabetic()).count()
                >= 3;
        let begins = match &self.open {
            None => !(item_text.ends_with(':') && !is_item && !is_run_in),
            Some(open) => match open.begun {
                Begun::Label => false,
                Begun::Bold => is_run_in,
                Begun::Item(level) => is_item && paragraph.list_level <= level,
                Begun::Plain if is_item || is_run_in => true,
                Begun::Plain => {
                    let goes_on = open.into != FindingField::Text && open.fields_apart;
                    !goes_on
                        && !item_text.starts_with(char::is_lowercase)
                        && !item_text.ends_with(':')
                }
            },
        };
        if begins {
            let begun = if is_item {
                Begun::Item(paragraph.list_level)
            } else if is_run_in {
                Begun::Bold
            } else {
                Begun::Plain
            };
            self.item(position, section.kind, &item_text, begun);
        } else if let Some(open) = &mut self.open {
            append(&mut open.finding, open.into, line);
        }
    }

    /// Reads a heading that is neither label nor capability: below the section's heading, it is the
    /// title of a finding.
    fn heading(&mut self, position: u64, line: &str, level: u8) {
        self.end();
        let lower = line.to_lowercase();
        let is_plan = ["improvement plan", "corrective action plan"]
            .iter()
            .any(|title| lower.starts_with(title));
        match self.section {
            Some(section) if section.level.is_some_and(|own| level > own) && !is_plan => {
                self.item(position, section.kind, line, Begun::Label);
            }
            _ => {
                self.section = None;
                if level <= 1 {
                    self.capability.clear();
                    self.objective = None;
                }
            }
        }
    }

    fn is_capability(
        &self,
        line: &str,
        paragraph: &Paragraph,
        level: Option<u8>,
        lookup: &Lookup,
    ) -> bool {
        let capabilities = &lookup.lists().capabilities;
        if level.is_some() {
            return words::label(line).is_none() && capabilities.find(line, None).is_ok();
        }
        let is_title = paragraph.is_bold() || self.open.is_none();
        line.len() <= SHORT
            && is_title
            && !line.ends_with('.')
            && !paragraph.listed
            && capabilities.exact(line, None).is_some()
    }

    /// Reads a label that starts a finding, or a field of the open finding.
    fn labeled(&mut self, position: u64, line: &str, is_first: bool) -> bool {
        if let Some(label) = words::label(line) {
            // `Observation: …` below `Area for Improvement 1: …` continues the same finding.
            let tells_more =
                !label.word.starts_with("strength") && !label.word.contains("improvement");
            let is_field = self.open.as_ref().is_some_and(|open| {
                let is_titled = matches!(open.begun, Begun::Label | Begun::Bold);
                label.number.is_none() && tells_more && is_titled && open.finding.word != label.word
            });
            if is_field {
                if let Some(open) = &mut self.open {
                    open.into = FindingField::Text;
                    append(&mut open.finding, FindingField::Text, &label.rest);
                }
                return true;
            }
            self.end();
            let kind = label
                .kind
                .or(self.section.map(|section| section.kind))
                .unwrap_or(FindingKind::AreaForImprovement);
            self.begin(position, kind, &label.rest, Begun::Label);
            if let Some(open) = &mut self.open {
                (open.finding.word, open.finding.number) =
                    (label.word, label.number.unwrap_or_default());
            }
            return true;
        }
        if let Some((field, rest)) = words::field(line) {
            if let Some(open) = &mut self.open {
                open.into = field;
                open.fields_apart |= is_first;
                append(&mut open.finding, field, &rest);
            }
            return true;
        }
        false
    }

    fn item(&mut self, position: u64, kind: FindingKind, text: &str, begun: Begun) {
        self.end();
        if !text.is_empty() && !is_placeholder(text) && !words::is_boilerplate(text) {
            self.begin(position, kind, text, begun);
        }
    }

    fn begin(&mut self, position: u64, kind: FindingKind, text: &str, begun: Begun) {
        let text = if is_placeholder(text) { "" } else { text };
        let finding = WrittenFinding {
            position,
            kind,
            capability: self.capability.clone(),
            objective: self.objective,
            text: text.to_owned(),
            ..WrittenFinding::default()
        };
        self.open = Some(Open { finding, into: FindingField::Text, begun, fields_apart: false });
    }

    /// Adds a finding from a table.
    pub fn take(&mut self, mut finding: WrittenFinding) {
        self.end();
        if finding.capability.is_empty() {
            finding.capability.clone_from(&self.capability);
        }
        finding.objective = self.objective;
        self.keep(finding);
    }

    /// Removes a finding that consists of this heading alone: the heading names the owner of the
    /// plan below it.
    pub fn take_back(&mut self, heading: &str) {
        let is_bare = |finding: &WrittenFinding| {
            finding.text == heading && finding.reference.is_empty() && finding.analysis.is_empty()
        };
        if self.open.as_ref().is_some_and(|open| is_bare(&open.finding)) {
            self.open = None;
        }
    }

    /// Starts a section, as the heading of a table's column or row does.
    pub fn begin_section(&mut self, kind: FindingKind) {
        self.end();
        self.section = Some(Section { kind, level: None });
    }

    /// Returns the current capability and the number of the current objective.
    pub fn about(&self) -> (&str, Option<u32>) {
        (&self.capability, self.objective)
    }

    /// Sets the capability of the paragraphs that follow.
    pub fn name_capability(&mut self, name: &str) {
        self.end();
        name.clone_into(&mut self.capability);
    }

    fn end(&mut self) {
        if let Some(open) = self.open.take() {
            self.keep(open.finding);
        }
    }

    fn keep(&mut self, finding: WrittenFinding) {
        if finding.text.is_empty() {
            return;
        }
        if self.in_summary { self.summary.push(finding) } else { self.found.push(finding) }
    }

    /// Returns all findings. Findings of the executive summary count only if the report has none of
    /// their kind elsewhere.
    pub fn finish(mut self) -> Vec<WrittenFinding> {
        self.end();
        let mut all = self.found;
        for kind in [FindingKind::Strength, FindingKind::AreaForImprovement] {
            if all.iter().all(|finding| finding.kind != kind) {
                all.extend(self.summary.iter().filter(|finding| finding.kind == kind).cloned());
            }
        }
        all
    }
}

fn append(finding: &mut WrittenFinding, into: FindingField, text: &str) {
    let field = finding.field(into);
    if !text.is_empty() && !is_placeholder(text) {
        if !field.is_empty() {
            field.push('\n');
        }
        field.push_str(text);
    }
}
