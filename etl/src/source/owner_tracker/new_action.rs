//! A row without an id: a new action of the owner.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::answer::{completion, written_day, written_status};
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::record::{
    ActionPriority, ActionReport, ActionStatus, DuePrecision, EventRef, OrganizationRef,
};
use crate::source::grid_rows::{GridFault, GridRecord};
use crate::source::{cell_labels, record_id};
use crate::tracker_form::{ID, SentTracker, comparable};

/// What a new action takes from its tracker.
#[derive(Clone, Copy)]
pub struct Filled<'a> {
    /// The tracker as it was sent.
    pub sent: &'a SentTracker,
    /// Ids of the rows that were sent, by the text of their action.
    pub by_action: &'a HashMap<String, String>,
    /// Lists by which values are read.
    pub lookup: &'a Lookup,
    /// Day of the answers.
    pub reported_on: NaiveDate,
}

/// Returns the new action. Owner and region are those of the tracker if the row states none.
pub fn report(
    record: &GridRecord<'_>,
    filled: Filled<'_>,
    sink: &mut Sink,
) -> Result<ActionReport, GridFault> {
    record.computed(&["action", "status", "due", "completed"])?;
    let what = record.required("action")?;
    if !what.chars().any(char::is_alphabetic) {
        return Err(record.wrong("action", "must state in words what is to be done"));
    }
    if let Some(id) = filled.by_action.get(comparable(&what).as_str()) {
        let reason = format!("is the action of {id}, whose ID the row lacks; write the ID back");
        return Err(record.wrong(ID, reason));
    }
    let number = record.row.number;
    let stated = written_status(record)?;
    let completed = written_day(record, "completed")?.or(stated.and_then(|stated| stated.on));
    let opened = written_day(record, "opened")?;
    let status = stated.map(|stated| stated.status);
    let status = completion(record, status, completed, opened, filled.reported_on, sink)?;
    let due_original = written_day(record, "due_original")?;
    let due = written_day(record, "due")?.or(due_original);
    let capability = cell_labels::capability(
        &record.text("capability"),
        &record.columns.heading("capability"),
        number,
        filled.lookup,
        sink,
    );
    let region = region(record, filled)?;
    let issue = record.optional("issue").map(|issue| sink.redacted(&issue));
    let text = sink.redacted(&what);
    let event = record.optional("event");
    Ok(ActionReport {
        row: number,
        source_id: record_id::derived_id(&[
            &filled.sent.id,
            &what,
            &record.text("issue"),
            &record.text("owner"),
        ]),
        event: event.map(|name| EventRef::Named { name, on: None }),
        region_id: region,
        capability_id: capability,
        owner: owner(record, filled, region, sink),
        issue,
        text,
        priority: ActionPriority::parse(&record.text("priority").to_lowercase()),
        status: Some(status.unwrap_or(ActionStatus::Open)),
        opened_on: opened,
        due_on: due,
        due_original_on: due_original,
        due_precision: due.map(|_| DuePrecision::Day),
        completed_on: completed,
        reported_on: Some(filled.reported_on),
        ..ActionReport::default()
    })
}

fn region(record: &GridRecord<'_>, filled: Filled<'_>) -> Result<i32, GridFault> {
    let own = cell_labels::regions(&record.text("region"), filled.lookup)
        .map_err(|reason| record.wrong("region", reason))?;
    let own = own.first().map(|(region, _)| *region);
    Ok(own.or_else(|| filled.lookup.region(&filled.sent.region)).unwrap_or(UNMAPPED))
}

fn owner(
    record: &GridRecord<'_>,
    filled: Filled<'_>,
    region: i32,
    sink: &mut Sink,
) -> Option<OrganizationRef> {
    let (written, column) = (record.text("owner"), record.columns.heading("owner"));
    let text = if written.is_empty() { &filled.sent.owner } else { &written };
    cell_labels::owner(text, &column, record.row.number, region, filled.lookup, sink)
}
