//! Reads after-action reports with improvement plans (HSEEP AAR/IP) as Word documents, for
//! exercises and incidents. Supports the 2013–2020 and 2007 layouts and the healthcare variants.
//! Tables are recognized by their headings, never by their position.

mod event;
mod finding;
mod finding_table;
mod mark;
mod overview;
mod participant;
mod parts;
mod plan;
mod rating;
mod reader;
mod table;
mod words;

use crate::code::{RejectCode, RejectedCell, WarningCode};
use std::collections::BTreeMap;

use super::timeline::Timeline;
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::person::is_owner_person;
use crate::reading::time::{Stamp, home, settle, stamp};
use hotwash_documents::archive::{Archive, Office};
use hotwash_documents::input::Input;
use hotwash_documents::word::{Document, WordNotes};
use parts::Parts;
use table::{TableKind, recognize};

/// Source of HSEEP after-action reports.
pub struct HseepAarDocx;

impl Source for HseepAarDocx {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "hseep_aar_docx",
            name: "HSEEP after-action reports",
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

    fn recognize(&self, sample: &Sample) -> f64 {
        let Some(word) = &sample.word else { return 0.0 };
        let mut known = 0;
        for table in word.tables() {
            known += match recognize(table, "", None) {
                Some((_, _, TableKind::Overview | TableKind::Plan(_) | TableKind::Ratings(_))) => 2,
                Some((_, _, TableKind::Findings(_))) => 1,
                _ => 0,
            };
        }
        // The 2007 layout has its overview in paragraphs.
        match known + i32::from(parts::has_overview_lines(word)) {
            // No other source reads Word documents, so this source is the nearest to any of them.
            0 => 0.1,
            1 => 0.6,
            _ => 0.97,
        }
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    fn is_complete(&self) -> bool {
        true
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let archive = Archive::open(input)?;
        if archive.kind != Office::Word {
            return Err(SourceError::Unreadable("this is a workbook, not a Word document".into()));
        }
        let document = Document::read(&archive)?;
        let parts = Parts::of(&document, lookup);
        if !parts.overview.has_fields() {
            return Err(SourceError::Unreadable(format!(
                "no overview table with the name and dates of an exercise or incident was found \
                 ({}); an after-action report in the HSEEP template has one",
                parts::found(&document)
            )));
        }
        report_notes(&document.notes, sink);
        parts.write(&archive, lookup, sink)
    }
}

/// Reports text that was read differently from the printed document.
fn report_notes(notes: &WordNotes, sink: &mut Sink) {
    let counted =
        |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    if notes.insertions + notes.deletions > 0 {
        let message = format!(
            "changes are tracked: {} read as accepted, {} as gone; accept or reject them in Word \
             if that is wrong",
            counted(notes.insertions, "insertion"),
            counted(notes.deletions, "deletion")
        );
        sink.warn(WarningCode::TrackedChanges, None, None, &message, 0);
    }
    let others = [
        (WarningCode::TextBoxes, notes.text_boxes, "text box", "read where it is anchored"),
        (
            WarningCode::UnansweredPrompts,
            notes.prompts,
            "content control",
            "showing its prompt only and left out",
        ),
        (WarningCode::HiddenText, notes.hidden, "passage of hidden text", "left out"),
        (
            WarningCode::EmbeddedObject,
            notes.embedded,
            "embedded workbook or document",
            "not read; load it as a file of its own, or paste its tables as text",
        ),
    ];
    for (code, count, what, treatment) in others.into_iter().filter(|(_, count, ..)| *count > 0) {
        sink.warn(code, None, None, &format!("{what}, {treatment}: {count} in the document"), 0);
    }
    for (position, passage) in &notes.struck {
        let message = "is struck through, and was left out; remove the strikethrough if it still \
            applies, or state Completed if it is an action that was done";
        let value = Some(passage.as_str()).filter(|passage| !is_owner_person(passage));
        sink.warn(WarningCode::StruckThrough, None, value, message, *position);
    }
}

impl Parts {
    fn write(
        &self,
        archive: &Archive,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        let overview = &self.overview;
        sink.read_one()?;
        let event = match self.event(archive, lookup, sink) {
            Ok(event) => event,
            Err((field, value, reason)) => {
                let reason = format!("{reason}; fix the document and load it again");
                sink.reject(1, "event", Some(&field), Some(&value), &reason, None);
                // Records that depend on the event are read, and rejected with it.
                for (position, record_type) in self.hanging() {
                    sink.read_one()?;
                    let reason = "its event was rejected";
                    let cell = RejectedCell { column: None, value: None, reason };
                    let code = RejectCode::EventRejected;
                    sink.reject_as(code, position, record_type, cell, None);
                }
                return Ok(());
            }
        };
        let (id, reported_on) = (
            event.source_id.clone(),
            event
                .after_action_report
                .as_ref()
                .and_then(|report| report.final_on.or(report.draft_on)),
        );
        let (region_id, public) =
            (event.regions.first().map_or(UNMAPPED, |(region, _)| *region), event.public);
        // A report without a date uses the date of the event.
        let reported_on = reported_on.or(event.end_local_date).or(Some(event.local_date));
        let opened_on = event.end_local_date.or(Some(event.local_date));
        sink.record(&event)?;
        let framework = overview.framework();
        rating::write(&self.ratings, &id, framework, lookup, sink)?;
        // An issue that occurs only in the plan's table is an area for improvement too.
        let findings = finding::complete(self.findings.clone(), &self.actions, &self.ratings);
        let mut links: BTreeMap<usize, String> = BTreeMap::new();
        finding::write(&findings, &id, framework, lookup, sink, &mut links)?;
        // In a plan without a capability column, actions have the capabilities of their findings.
        let mut actions = self.actions.clone();
        for finding in &findings {
            for at in &finding.actions {
                if actions[*at].capability.is_empty() {
                    actions[*at].capability.clone_from(&finding.capability);
                }
            }
        }
        let about = plan::ReportContext {
            event: &id,
            region_id,
            reported_on,
            opened_on,
            public,
            framework,
        };
        plan::write(&actions, &about, &links, lookup, sink)?;
        self.participants.write(&id, region_id, lookup, sink)?;
        for heading in &self.unknown_tables {
            let message = "a table below this heading is none of the template's; it was not read";
            sink.warn(WarningCode::UnknownTable, None, Some(heading), message, 0);
        }
        for (position, name) in &self.other_events {
            let message = "is a further event of this document, whose findings and actions are \
                stored with the first; load a report for each";
            sink.warn(WarningCode::SeveralEvents, None, Some(name), message, *position);
        }
        if !self.actions.iter().any(plan::WrittenAction::tells) {
            if let Some((position, heading)) =
                self.plan_heading.as_ref().filter(|_| self.loose_actions.is_empty())
            {
                let message = "has no table of corrective actions below it, so none is stored; \
                    give a table the headings of the template, such as Corrective Action";
                sink.warn(WarningCode::NoActions, None, Some(heading), message, *position);
            }
            for (position, text) in &self.loose_actions {
                let message = "is an action in a paragraph, and was not read; put it into a table \
                    with the headings of the template, such as Corrective Action";
                sink.warn(WarningCode::LooseAction, None, Some(text), message, *position);
            }
        }
        self.write_timeline(&id, event.local_date, lookup, sink)
    }

    fn hanging(&self) -> Vec<(u64, &'static str)> {
        let ratings = self.ratings.iter().map(|rating| (rating.position, "capability_rating"));
        let findings = self.findings.iter().map(|finding| (finding.position, "finding"));
        let actions = self
            .actions
            .iter()
            .filter(|action| action.tells())
            .map(|action| (action.position, "corrective_action"));
        ratings.chain(findings).chain(actions).collect()
    }

    /// Writes the time stamps that the rows of an incident's timeline report.
    fn write_timeline(
        &self,
        event: &str,
        on: chrono::NaiveDate,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        // A time without a date has the date of the row above; a time earlier than that row's is
        // past midnight.
        let mut before: Option<Stamp> = None;
        let mut stamps = Vec::new();
        for (position, when, what) in &self.timeline {
            let day = before.map_or(on, |before| before.local.date());
            let Ok(stamp) = stamp(when, Some(day)) else { continue };
            let stamp = stamp.after(before);
            before = Some(stamp);
            stamps.push((stamp, position, when, what));
        }
        let written: Vec<Stamp> = stamps.iter().map(|(stamp, ..)| *stamp).collect();
        let mut timeline = Timeline::default();
        for ((stamp, position, when, what), settled) in
            stamps.into_iter().zip(settle(&written, home()))
        {
            if let Some(remark) = settled.remark {
                sink.warn(remark.code(), Some("Time"), Some(when), &remark.to_string(), *position);
            }
            if let Some(code) = Timeline::reported(what) {
                timeline.add(code, *position, &stamp, &settled);
            }
        }
        timeline.write(event, lookup, sink)
    }
}
