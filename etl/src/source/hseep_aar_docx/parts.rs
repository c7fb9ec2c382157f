//! Splits a document into its overview, ratings, findings, actions, participants and timeline, each
//! as written.

use hotwash_documents::block::{Block, Paragraph, WordTable};
use hotwash_documents::word::Document;

use super::finding::WrittenFinding;
use super::finding_table;
use super::overview::{Overview, field_of_label};
use super::participant::ParticipantList;
use super::plan::{self, WrittenAction};
use super::rating::{self, WrittenRating};
use super::reader::Reader;
use super::table::{TableKind, recognize};
use super::words::{self, is_placeholder};
use crate::lookup::Lookup;
use crate::reading::headings::key;
use crate::reading::person::may_be_person;
use crate::redact::redact;

/// Maximum number of texts stored from before the overview: title, date and status of the report.
const MOST_COVER: usize = 40;
/// Maximum number of headings and tables shown in the rejection of an unknown document.
const MOST_SHOWN: usize = 10;

/// Parts of a document, before conversion to records.
#[derive(Default)]
pub struct Parts {
    pub overview: Overview,
    pub ratings: Vec<WrittenRating>,
    pub findings: Vec<WrittenFinding>,
    pub actions: Vec<WrittenAction>,
    pub participants: ParticipantList,
    /// Position, time and text of each entry.
    pub timeline: Vec<(u64, String, String)>,
    /// Texts before the first table: title and date of the report.
    pub cover: Vec<String>,
    pub has_2007_plan: bool,
    /// Headings above tables that are not in the template.
    pub unknown_tables: Vec<String>,
    /// Heading of the improvement plan, with its position.
    pub plan_heading: Option<(u64, String)>,
    /// Names of further events of the document, with the positions of their overviews.
    pub other_events: Vec<(u64, String)>,
    /// Actions in paragraphs, with their positions; only those of tables are read.
    pub loose_actions: Vec<(u64, String)>,
}

/// Reads the blocks of a document in order.
#[derive(Default)]
struct Walk {
    parts: Parts,
    reader: Reader,
    /// Previous table with its columns, until the next heading.
    last: Option<(usize, TableKind)>,
    heading: String,
    /// Field of an overview in paragraphs whose text comes next.
    field: Option<(&'static str, String)>,
    /// An overview table was found.
    has_overview: bool,
    /// The analysis has begun; from here, texts similar to overview labels are ignored.
    in_analysis: bool,
    inherited: plan::InheritedCells,
    /// Index of the first action of the last plan's table.
    plan_from: usize,
    objective: String,
    /// Ratings in lines of the analysis.
    line_ratings: Vec<WrittenRating>,
}

impl Parts {
    /// Splits a document into its parts.
    pub fn of(document: &Document, lookup: &Lookup) -> Self {
        let mut walk = Walk::default();
        let has_table = document
            .tables()
            .iter()
            .any(|table| matches!(recognize(table, "", None), Some((_, _, TableKind::Overview))));
        for (position, block) in (1..).zip(&document.blocks) {
            walk.block(position, block, has_table, lookup);
        }
        let mut parts = walk.parts;
        // The ratings table takes precedence over lines that repeat it.
        if parts.ratings.is_empty() {
            parts.ratings = walk.line_ratings;
        }
        parts.findings = walk.reader.finish();
        let named = parts.overview.participants().to_owned();
        parts.participants.overview(&named);
        parts
    }
}

impl Walk {
    fn block(&mut self, position: u64, block: &Block, has_table: bool, lookup: &Lookup) {
        match block {
            Block::Paragraph(paragraph) => self.paragraph(position, paragraph, has_table, lookup),
            Block::Table(table) => self.table(position, table, has_table, lookup),
        }
    }

    fn paragraph(
        &mut self,
        position: u64,
        paragraph: &Paragraph,
        has_table: bool,
        lookup: &Lookup,
    ) {
        let parts = &mut self.parts;
        if !self.has_overview
            && !parts.overview.has_fields()
            && !self.in_analysis
            && parts.cover.len() < MOST_COVER
        {
            parts.cover.push(paragraph.text.clone());
        }
        let level = paragraph.heading().or(words::is_title(&paragraph.text).then_some(1));
        if let Some(level) = level {
            self.heading.clone_from(&paragraph.text);
            self.last = None;
            let plain = paragraph.text.to_lowercase();
            if level > 0 && plain.contains("improvement plan") && !plain.contains("report") {
                parts.plan_heading =
                    parts.plan_heading.take().or_else(|| Some((position, paragraph.text.clone())));
            }
            parts.participants.heading(&paragraph.text, level);
            let lower = paragraph.text.to_lowercase();
            self.in_analysis |=
                lower.contains("analysis") || words::section(&paragraph.text).is_some();
        } else if paragraph.is_bold() && paragraph.text.len() <= 120 {
            self.heading.clone_from(&paragraph.text);
        } else if let Some(name) = words::capability(&paragraph.text).filter(|name| is_name(name)) {
            // `Core Capability: Mass Care` above the table of its actions.
            name.clone_into(&mut self.heading);
            self.last = None;
        }
        if words::action(&paragraph.text).is_some_and(|text| !is_placeholder(text)) {
            self.parts.loose_actions.push((position, paragraph.text.clone()));
        }
        if !has_table && !self.in_analysis {
            self.overview_line(paragraph, level);
        }
        if level.is_none() {
            self.parts.participants.paragraph(position, paragraph);
        }
        // A line below the heading of a capability may contain its rating.
        let mark = paragraph.text.lines().find_map(words::rating).and_then(super::mark::word);
        match (mark, self.reader.about()) {
            (Some(mark), (capability, objective)) if !capability.is_empty() => {
                self.line_ratings
                    .push(WrittenRating::of_line(position, capability, objective, mark));
            }
            _ => self.reader.paragraph(position, paragraph, lookup),
        }
    }

    /// Reads an overview in paragraphs: `Exercise Name: …`, or a label as a heading or in bold
    /// above its text.
    fn overview_line(&mut self, paragraph: &Paragraph, level: Option<u8>) {
        for (at, line) in paragraph.text.lines().enumerate() {
            let (label, text) = line.split_once(':').unwrap_or((line, ""));
            let is_label = at > 0
                || level.is_some()
                || paragraph.is_bold()
                || line.contains(':')
                || paragraph.text.len() <= 40;
            let bold = paragraph.bold_beginning().len();
            // `Exercise Name Winter Surge`, with the label in bold.
            let (label, text) = if !line.contains(':') && at == 0 && bold > 0 && bold < line.len() {
                (line[..bold].trim(), line[bold..].trim())
            } else {
                (label, text.trim())
            };
            // `Date` alone, before the name of the event, is the date of the report.
            let is_reports = !self.parts.overview.has_fields()
                && label.trim().to_lowercase().starts_with("date");
            match field_of_label(label).filter(|_| is_label && !is_reports && !paragraph.listed) {
                Some(field) if text.is_empty() => self.field = Some((field, label.to_owned())),
                Some(field) => {
                    self.parts.overview.add(field, label, text);
                    self.field = None;
                }
                None if level.is_some() && at == 0 => self.field = None,
                None => {
                    if let Some((field, label)) = &self.field
                        && *field != "contact"
                    {
                        self.parts.overview.add(field, label, line);
                    }
                }
            }
        }
    }

    fn table(&mut self, position: u64, table: &WordTable, has_table: bool, lookup: &Lookup) {
        let width = table.cells().iter().map(Vec::len).max().unwrap_or_default();
        // A table that a page break split continues without its header.
        let before = self
            .last
            .as_ref()
            .filter(|(columns, _)| *columns == width)
            .map(|(_, known)| known.clone());
        let Some((header, cells, known)) = recognize(table, &self.heading, before.clone()) else {
            let actions = &mut self.parts.actions[self.plan_from..];
            if !plan::complete(&table.cells(), actions) {
                self.other_table(position, table, has_table, lookup);
            }
            return;
        };
        let rows = &cells[header..];
        self.field = None;
        match &known {
            TableKind::Overview => {
                let mut overview = Overview::of(&cells);
                overview.title.clone_from(&self.heading);
                self.has_overview = true;
                if self.parts.overview.has_fields() {
                    let name = |overview: &Overview| {
                        overview
                            .name()
                            .map(|(name, _)| name.split_whitespace().collect::<Vec<_>>().join(" "))
                    };
                    let (first, other) = (name(&self.parts.overview), name(&overview));
                    let differs = |other: &String| {
                        first.as_ref().is_some_and(|first| key(first) != key(other))
                    };
                    self.parts
                        .other_events
                        .extend(other.filter(differs).map(|other| (position, other)));
                    self.parts.overview.merge(overview);
                } else {
                    let previous = std::mem::replace(&mut self.parts.overview, overview);
                    self.parts.overview.merge(previous);
                }
            }
            TableKind::Ratings(columns) => {
                if before.is_none() {
                    self.objective.clear();
                }
                self.parts.ratings.extend(rating::read(
                    position,
                    rows,
                    columns,
                    &mut self.objective,
                    lookup,
                ));
            }
            TableKind::Plan(columns) => {
                if crate::redact::names_organization(&self.heading) {
                    self.reader.take_back(&self.heading);
                }
                self.parts.has_2007_plan |= columns.has(&["recommendation"]);
                if before.is_none() {
                    self.inherited = plan::InheritedCells::default();
                }
                let actions =
                    plan::read(position, rows, columns, &self.heading, &mut self.inherited, lookup);
                self.plan_from = self.parts.actions.len();
                self.parts.actions.extend(actions);
            }
            TableKind::Findings(columns) => {
                finding_table::rows(position, rows, columns, &mut self.reader)
            }
            TableKind::ParticipantList(columns) => {
                self.parts.participants.rows(position, rows, columns)
            }
            TableKind::Timeline(columns) => {
                let cell = |row: &[String], field: &str| {
                    columns.index_of(field).and_then(|at| row.get(at)).cloned().unwrap_or_default()
                };
                self.parts.timeline.extend(
                    rows.iter().map(|row| (position, cell(row, "when"), cell(row, "what"))),
                );
            }
        }
        self.last = Some((width, known));
    }

    /// Reads a table that is not in the template: a frame around other content, a list of
    /// participants, or labeled findings.
    fn other_table(&mut self, position: u64, table: &WordTable, has_table: bool, lookup: &Lookup) {
        let cells = table.cells();
        let holds_tables = table
            .rows
            .iter()
            .flat_map(|row| &row.cells)
            .flat_map(|cell| &cell.blocks)
            .any(|block| matches!(block, Block::Table(_)));
        if !self.parts.participants.list(position, &cells)
            && !finding_table::labeled(position, &cells, lookup, &mut self.reader)
        {
            if table.is_frame() || holds_tables {
                let blocks =
                    table.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.blocks);
                blocks.for_each(|block| self.block(position, block, has_table, lookup));
            } else if self.has_overview && !is_apparatus(&self.heading) && !rating::defines(&cells)
            {
                self.parts.unknown_tables.push(redact(&self.heading).0.into_owned());
            }
        }
    }
}

/// Returns whether a text after the label of a capability can be its name.
fn is_name(text: &str) -> bool {
    text.len() <= 120 && !text.contains('\n') && !is_placeholder(text)
}

/// Returns whether a heading introduces a part of the report without records.
fn is_apparatus(heading: &str) -> bool {
    let lower = heading.to_lowercase();
    [
        "acronym",
        "glossary",
        "contents",
        "abbreviation",
        "handling instruction",
        "contact",
        "ratings definition",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Returns whether a document gives the name and dates of an event in paragraphs.
pub fn has_overview_lines(document: &Document) -> bool {
    let mut found = std::collections::BTreeSet::new();
    for block in document.blocks.iter().take(400) {
        if let Block::Paragraph(paragraph) = block {
            found.extend(paragraph.text.lines().filter_map(|line| {
                let label = line.split_once(':').map_or(line, |(label, _)| label);
                field_of_label(label).filter(|_| !is_placeholder(line))
            }));
        }
    }
    let is_named =
        ["exercise_name", "incident_name", "event_name"].iter().any(|field| found.contains(field));
    is_named && found.contains("dates")
}

/// Returns the contents of a document without an overview, for the rejection message.
pub fn found(document: &Document) -> String {
    let tables: Vec<String> = document
        .tables()
        .into_iter()
        .filter_map(|table| table.cells().into_iter().next())
        .map(|row| {
            row.into_iter()
                .filter(|text| !text.is_empty() && !may_be_person(text))
                .collect::<Vec<_>>()
                .join(" | ")
        })
        .take(MOST_SHOWN)
        .collect();
    let headings = document.headings(MOST_SHOWN).join("; ");
    let tables = if tables.is_empty() {
        "it has no table".to_owned()
    } else {
        format!("its tables begin: {}", tables.join("; "))
    };
    let headings =
        if headings.is_empty() { String::new() } else { format!("its headings are: {headings}; ") };
    redact(&format!("{headings}{tables}")).0.into_owned()
}
