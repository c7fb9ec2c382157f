//! Appendix A: the improvement plan. Its *Completion Date* is the planned date; only a word such as `Completed` ends an action.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::overview::is_placeholder;
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::day::{End, day};
use crate::reading::headings::{Columns, key, lists};
use crate::reading::person::is_person;
use crate::reading::status::{due, status};
use crate::record::{ActionReport, ActionStatus, EventRef, OrganizationRef};
use crate::source::SourceError;
use crate::source::grid_rows::{self, made_id};

/// A row of the table.
#[derive(Clone, Debug, Default)]
pub struct WrittenAction {
    /// Number of the table's block in the document.
    pub place: u64,
    /// Capability, as written.
    pub capability: String,
    /// Issue or area for improvement.
    pub issue: String,
    /// Recommendation of the 2007 layout.
    pub recommendation: String,
    /// Capability element, as written.
    pub element: String,
    text: String,
    owner: String,
    start: String,
    due: String,
    completed: String,
    status: String,
    contacts: usize,
}

/// Reads the rows below the header; `heading` is the one above the table, which may name a facility or a capability.
pub fn read(place: u64, rows: &[Vec<String>], columns: &Columns, heading: &str) -> Vec<WrittenAction> {
    let mut actions: Vec<WrittenAction> = Vec::new();
    let (mut capability, mut issue) = (String::new(), String::new());
    for row in rows {
        let cell = |field: &str| {
            let text =
                columns.place(field).and_then(|at| row.get(at)).map(|text| text.trim().to_owned()).unwrap_or_default();
            if is_placeholder(&text) { String::new() } else { text }
        };
        let filled: Vec<&String> = row.iter().filter(|text| !text.trim().is_empty()).collect();
        // A line across the table names the capability of the rows below it.
        if let [only] = filled.as_slice() {
            if cell("action").is_empty() {
                capability = stripped(only);
            }
            if !columns.has(&["action"]) || cell("action").is_empty() {
                continue;
            }
        }
        if lists().field("improvement_plan", &cell("action")) == Some("action") {
            continue;
        }
        let named = stripped(&cell("capability").lines().collect::<Vec<_>>().join(" "));
        if !named.is_empty() {
            if named != capability {
                issue.clear();
            }
            capability = named;
        }
        let told = numberless(&cell("issue"));
        if !told.is_empty() {
            issue = told;
        }
        let text = numberless(&cell("action"));
        if text.is_empty() {
            continue;
        }
        actions.push(WrittenAction {
            place,
            capability: if capability.is_empty() { stripped(heading) } else { capability.clone() },
            issue: issue.clone(),
            recommendation: cell("recommendation"),
            element: cell("element"),
            text,
            owner: cell("owner"),
            start: cell("start"),
            due: cell("due"),
            completed: cell("completed"),
            status: cell("status"),
            contacts: (0..row.len())
                .filter(|at| columns.is_dropped(*at) && row.get(*at).is_some_and(|text| !text.trim().is_empty()))
                .count(),
        });
    }
    actions
}

/// `Core Capability 1: Medical Surge` without what stands before the name.
fn stripped(text: &str) -> String {
    match text.split_once(':') {
        Some((label, name)) if key(label).ends_with("capability") => name.trim().to_owned(),
        _ => text.trim().to_owned(),
    }
}

/// `1.2. Revise the annex` without its number.
fn numberless(text: &str) -> String {
    let text = text.trim();
    let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.' || letter == ')');
    if rest.len() < text.len()
        && rest.starts_with(char::is_whitespace)
        && text[..text.len() - rest.len()].ends_with(['.', ')'])
    {
        rest.trim().to_owned()
    } else {
        text.to_owned()
    }
}

/// What all actions of a report share.
pub struct About<'a> {
    /// Id of the event.
    pub event: &'a str,
    /// Its region.
    pub region_id: i32,
    /// Day of the report.
    pub reported_on: Option<NaiveDate>,
    /// Day of the event.
    pub opened_on: Option<NaiveDate>,
    /// Open to everyone.
    pub public: bool,
}

/// Writes the actions of an event.
pub fn write(
    actions: &[WrittenAction],
    about: &About<'_>,
    links: &BTreeMap<usize, String>,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (at, action) in actions.iter().enumerate() {
        sink.read_one()?;
        for _ in 0..action.contacts {
            sink.dropped();
        }
        let id = made_id(&[&action.capability, &action.issue, &action.text, &action.owner]);
        let times = *known.entry(id.clone()).and_modify(|times| *times += 1).or_insert(1);
        let read = due(&action.due);
        if !read.understood {
            sink.warn(
                "unread_date",
                Some("Completion Date"),
                Some(&action.due),
                "is no day; loaded without a due date",
                action.place,
            );
        }
        let done = day(&action.completed, End::Last).map(|read| read.day);
        let mut state = status(&action.status).or(read.status);
        if done.is_some() {
            state = state.or(Some(crate::reading::status::WrittenStatus { status: ActionStatus::Completed, on: done }));
        }
        let is_done =
            state.is_some_and(|state| matches!(state.status, ActionStatus::Completed | ActionStatus::Validated));
        let start = day(&action.start, End::First).map(|read| read.day);
        if start.is_none()
            && !action.start.is_empty()
            && !lists().is_undated(&action.start)
            && status(&action.start).is_none()
        {
            sink.warn(
                "unread_date",
                Some("Start Date"),
                Some(&action.start),
                "is no day; loaded without it",
                action.place,
            );
        }
        let owner = owner(&action.owner, about.region_id, lookup, action.place, sink);
        let completed_on = done.or_else(|| state.and_then(|state| state.on)).filter(|_| is_done);
        // Work may have begun before the event was over; then it was opened on that day.
        let opened_on = [about.opened_on, start, completed_on].into_iter().flatten().min();
        let record = ActionReport {
            row: action.place,
            source_id: format!("{}|action|{id}|{times}", about.event),
            event: Some(EventRef::id(about.event)),
            finding_source_id: links.get(&at).cloned(),
            region_id: about.region_id,
            capability_id: grid_rows::capability(&action.capability, "Core Capability", action.place, lookup, sink),
            owner,
            external_id: None,
            issue: Some(action.issue.as_str()).filter(|text| !text.is_empty()).map(|text| sink.redacted(text)),
            text: sink.redacted(&action.text),
            status: state.map(|state| state.status),
            opened_on: if is_done { opened_on } else { [about.opened_on, start].into_iter().flatten().min() },
            start_on: start,
            due_on: read.due.map(|read| read.day),
            due_precision: read.due.map(|read| read.precision),
            due_text: Some(action.due.as_str()).filter(|text| !text.is_empty()).map(|text| sink.redacted(text)),
            completed_on,
            cancelled_on: state.filter(|state| state.status == ActionStatus::Cancelled).and_then(|state| state.on),
            reported_on: about.reported_on,
            public: about.public,
            elements: grid_rows::elements(&action.element, "Capability Element", action.place, lookup, sink),
            ..ActionReport::default()
        };
        sink.record(&record)?;
    }
    Ok(())
}

fn owner(name: &str, region_id: i32, lookup: &Lookup, place: u64, sink: &mut Sink) -> Option<OrganizationRef> {
    let name = name.lines().next().unwrap_or_default().trim();
    if name.is_empty() || lists().is_undated(name) {
        return None;
    }
    if is_person(name) {
        sink.dropped();
        sink.warn(
            "person_dropped",
            Some("Primary Responsible Organization"),
            None,
            "names a person, who is not stored; give the organisation or role",
            place,
        );
        return None;
    }
    Some(OrganizationRef::Named {
        name: name.to_owned(),
        region_id: grid_rows::region_of_organization(name, lookup, region_id),
    })
}
