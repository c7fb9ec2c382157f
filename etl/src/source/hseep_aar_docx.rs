//! After-action reports with improvement plans (HSEEP AAR/IP) as Word documents: the 2013–2020 and 2007 layouts and the
//! healthcare variants, for exercises and incidents. Tables are known by their headings, never by their place.

mod finding;
mod overview;
mod plan;
mod rating;
mod table;

use std::collections::BTreeMap;

use super::grid_rows::{self, made_id};
use super::{Definition, Rank, Sample, Source, SourceError};
use crate::document::archive::{Archive, Office};
use crate::document::word::{Block, Document};
use crate::input::Input;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::record::{EventRef, OrganizationRef, Participation, Role};
use finding::WrittenFinding;
use table::{Known, recognise};

/// The source.
pub struct HseepAarDocx;

/// What a document holds, before it is made into records.
#[derive(Default)]
pub(super) struct Parts {
    overview: Option<overview::Overview>,
    ratings: Vec<rating::WrittenRating>,
    findings: Vec<WrittenFinding>,
    actions: Vec<plan::WrittenAction>,
    participants: Vec<(u64, String, Option<i32>)>,
    timeline: Vec<(u64, String, String)>,
    /// Texts before the first table: title and date of the report.
    cover: Vec<String>,
    has_2007_plan: bool,
}

impl Source for HseepAarDocx {
    fn definition(&self) -> Definition {
        Definition {
            id: "hseep_aar_docx",
            title: "After-action report and improvement plan in the HSEEP templates (Word)",
            extensions: &[".docx"],
            headings: &[
                "Exercise Name",
                "Exercise Dates",
                "Core Capability",
                "Corrective Action",
                "Capability Element",
            ],
        }
    }

    fn recognise(&self, sample: &Sample) -> f64 {
        let Some(word) = &sample.word else { return 0.0 };
        let mut known = 0;
        for found in word.tables().map(|table| recognise(&table.cells(), None)) {
            known += match found {
                Some((_, Known::Overview)) => 2,
                Some((_, Known::Plan(_) | Known::Ratings(_))) => 2,
                _ => 0,
            };
        }
        match known {
            0 => 0.0,
            1 => 0.6,
            _ => 0.97,
        }
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    fn is_whole(&self) -> bool {
        true
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let archive = Archive::open(input).map_err(SourceError::Unreadable)?;
        if archive.kind != Office::Word {
            return Err(SourceError::Unreadable("this is a workbook, not a Word document".into()));
        }
        let document = Document::read(&archive).map_err(SourceError::Unreadable)?;
        let parts = Parts::of(&document, lookup);
        let Some(overview) = &parts.overview else {
            let found: Vec<String> = document
                .tables()
                .filter_map(|table| table.cells().into_iter().next())
                .map(|row| row.join(" | "))
                .take(10)
                .collect();
            let found = if found.is_empty() {
                "it has no table".to_owned()
            } else {
                format!("its tables begin: {}", crate::redact::redact(&found.join("; ")).0)
            };
            return Err(SourceError::Unreadable(format!(
                "no overview table with the name and dates of an exercise or incident was found ({found}); an after-action report in the HSEEP template has one"
            )));
        };
        parts.write(overview, &archive, lookup, sink)
    }
}

impl Parts {
    fn of(document: &Document, lookup: &Lookup) -> Self {
        let mut parts = Self::default();
        let mut reader = finding::Reader::default();
        let mut last: Option<(usize, Known)> = None;
        let mut heading = String::new();
        for (place, block) in (1_u64..).zip(&document.blocks) {
            match block {
                Block::Paragraph(paragraph) => {
                    if parts.overview.is_none() && parts.cover.len() < 40 {
                        parts.cover.push(paragraph.text.clone());
                    }
                    if paragraph.heading().is_some() {
                        heading.clone_from(&paragraph.text);
                        last = None;
                    }
                    reader.paragraph(place, paragraph, lookup, &mut parts.findings);
                }
                Block::Table(table) => {
                    let cells = table.cells();
                    let width = cells.iter().map(Vec::len).max().unwrap_or_default();
                    // A table that a page break parted goes on without its header.
                    let before = last.as_ref().filter(|(columns, _)| *columns == width).map(|(_, known)| known.clone());
                    let Some((header, known)) = recognise(&cells, before) else {
                        parts.list(place, &heading, &cells);
                        continue;
                    };
                    let rows = &cells[header..];
                    match &known {
                        Known::Overview => match &mut parts.overview {
                            Some(overview) => overview.merge(overview::Overview::of(&cells)),
                            None => parts.overview = Some(overview::Overview::of(&cells)),
                        },
                        Known::Ratings(columns) => parts.ratings.extend(rating::read(place, rows, columns)),
                        Known::Plan(columns) => {
                            parts.has_2007_plan |= columns.has(&["recommendation"]);
                            parts.actions.extend(plan::read(place, rows, columns, &heading));
                        }
                        Known::Participants(columns) => parts.participate(place, rows, columns),
                        Known::Timeline(columns) => {
                            let cell = |row: &[String], field: &str| {
                                columns.place(field).and_then(|at| row.get(at)).cloned().unwrap_or_default()
                            };
                            parts.timeline.extend(rows.iter().map(|row| (place, cell(row, "when"), cell(row, "what"))));
                        }
                    }
                    last = Some((width, known));
                }
            }
        }
        reader.end(&mut parts.findings);
        parts
    }

    fn participate(&mut self, place: u64, rows: &[Vec<String>], columns: &crate::reading::headings::Columns) {
        for row in rows {
            let cell = |field: &str| columns.place(field).and_then(|at| row.get(at)).cloned().unwrap_or_default();
            let count = cell("count").trim().parse().ok();
            for name in cell("organization").lines() {
                self.participants.push((place, name.trim().to_owned(), count));
            }
        }
    }

    /// A plain list of organisations below a heading about participants.
    fn list(&mut self, place: u64, heading: &str, cells: &[Vec<String>]) {
        if heading.to_lowercase().contains("participant") {
            for row in cells {
                let filled: Vec<&String> = row.iter().filter(|cell| !cell.is_empty()).collect();
                if let [name] = filled.as_slice() {
                    self.participants.extend(name.lines().map(|line| (place, line.trim().to_owned(), None)));
                }
            }
        }
    }

    fn write(
        &self,
        overview: &overview::Overview,
        archive: &Archive,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        sink.read_one()?;
        let event = match overview.event(self, archive, lookup, sink) {
            Ok(event) => event,
            Err((field, value, reason)) => {
                sink.reject(1, "event", Some(field), Some(&value), &reason, None);
                // What hangs on the event is read, and refused with it.
                for (place, record_type) in self.hanging() {
                    sink.read_one()?;
                    sink.reject(place, record_type, None, None, "its event was refused", None);
                }
                return Ok(());
            }
        };
        let (id, reported_on) = (
            event.source_id.clone(),
            event.after_action_report.as_ref().and_then(|report| report.final_on.or(report.draft_on)),
        );
        let (region_id, public) = (event.regions.first().map_or(UNMAPPED, |(region, _)| *region), event.public);
        // Reports that have no date speak for the day of the event.
        let reported_on = reported_on.or(event.end_local_date).or(Some(event.local_date));
        let opened_on = event.end_local_date.or(Some(event.local_date));
        sink.record(&event)?;
        rating::write(&self.ratings, &id, lookup, sink)?;
        // An issue that only the plan's table tells is an area for improvement all the same.
        let findings = finding::complete(&self.findings, &self.actions);
        let mut links: BTreeMap<usize, String> = BTreeMap::new();
        finding::write(&findings, &id, lookup, sink, &mut links)?;
        let about = plan::About { event: &id, region_id, reported_on, opened_on, public };
        plan::write(&self.actions, &about, &links, lookup, sink)?;
        self.write_participants(overview, &id, region_id, lookup, sink)?;
        self.write_timeline(&id, event.local_date, lookup, sink)
    }

    fn hanging(&self) -> Vec<(u64, &'static str)> {
        let ratings = self.ratings.iter().map(|rating| (rating.place, "capability_rating"));
        let findings = self.findings.iter().map(|finding| (finding.place, "finding"));
        ratings.chain(findings).chain(self.actions.iter().map(|action| (action.place, "corrective_action"))).collect()
    }

    fn write_participants(
        &self,
        overview: &overview::Overview,
        event: &str,
        region_id: i32,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        let mut known = std::collections::HashSet::new();
        let named = overview.participants().into_iter().map(|name| (1, name, None));
        for (place, name, count) in named.chain(self.participants.iter().cloned()) {
            let name = name.trim_matches(['•', '-', '–', '*', ' ', '\t', ';', '.']).trim();
            let key = hotwash_schema::label::normalize_label(name);
            if key.is_empty() || name.starts_with('[') || !known.insert(key) {
                continue;
            }
            if crate::reading::person::is_person(name) {
                sink.dropped();
                continue;
            }
            // Groups of the template's list.
            if [
                "federal",
                "state",
                "local",
                "regional",
                "tribal",
                "private sector",
                "other",
                "total",
                "hospitals",
                "federal agencies",
                "state agencies",
            ]
            .contains(&name.to_lowercase().as_str())
            {
                continue;
            }
            sink.read_one()?;
            let own = grid_rows::region_of_organization(name, lookup, region_id);
            sink.record(&Participation {
                row: place,
                source_id: format!("{event}|participant|{}", made_id(&[name])),
                event: EventRef::id(event),
                organization: OrganizationRef::Named { name: name.to_owned(), region_id: own },
                region_id: None,
                role: Role::Player,
                executive_present: None,
                participant_count: count,
            })?;
        }
        Ok(())
    }

    /// Rows of an incident's timeline whose text tells a milestone; each milestone's first is kept.
    fn write_timeline(
        &self,
        event: &str,
        on: chrono::NaiveDate,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        let mut known = std::collections::HashSet::new();
        for (place, when, what) in &self.timeline {
            let Some(code) = crate::reading::headings::lists().within("milestone", what) else { continue };
            let Some(milestone_type_id) = lookup.lists().milestone_types.find(code) else { continue };
            let Some((at, timed)) = overview::moment(when, on) else { continue };
            if !known.insert(code.to_owned()) {
                continue;
            }
            sink.support(&crate::record::Milestone {
                row: *place,
                source_id: format!("{event}|{code}"),
                event: EventRef::id(event),
                milestone_type_id,
                sequence: 1,
                occurred_at: at,
                precision: if timed { crate::record::TimePrecision::Minute } else { crate::record::TimePrecision::Day },
                organization: None,
            })?;
        }
        Ok(())
    }
}
