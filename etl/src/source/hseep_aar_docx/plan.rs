//! Reads Appendix A, the improvement plan. Its *Completion Date* is the planned date; only a word
//! such as `Completed` completes an action.

use super::words::is_placeholder;
use crate::code::WarningCode;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, Utc};

use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::headings::{Columns, Section, key, lists};
use crate::reading::items::{answers, items, unmarked};
use crate::reading::status::{dated_from, done_status, due, status};
use crate::reading::time::{End, day, is_yearless};
use crate::record::{ActionReport, ActionStatus, EventRef};
use crate::source::SourceError;
use crate::source::record_id::derived_id;
use crate::source::{cell_labels, grids};

/// Columns whose lines apply to one action each, if the row has as many numbered actions.
const DATED: [&str; 3] = ["start", "due", "completed"];

/// Action of the table.
#[derive(Clone, Debug, Default)]
pub struct WrittenAction {
    /// Number of the table's block in the document.
    pub position: u64,
    /// Capability, as written.
    pub capability: String,
    /// Issues or areas for improvement that it answers.
    pub issues: Vec<String>,
    /// Recommendation of the 2007 layout.
    pub recommendation: String,
    /// Capability element, as written.
    pub element: String,
    /// Number or id in its row.
    number: String,
    text: String,
    owner: String,
    start: String,
    due: String,
    completed: String,
    status: String,
    contacts: usize,
}

impl WrittenAction {
    /// Returns whether the row has an action, not only an issue.
    pub fn tells(&self) -> bool {
        !self.text.is_empty()
    }

    fn reject(&self, column: &str, value: &str, reason: &str, sink: &mut Sink) {
        let (column, value) = (Some(column), Some(value));
        sink.reject(self.position, "corrective_action", column, value, reason, None);
    }
}

/// Values that a row inherits from the rows above it.
#[derive(Clone, Debug, Default)]
pub struct InheritedCells {
    capability: String,
    issue: String,
}

/// Reads the rows below the header. `heading` is the heading above the table, which may name a
/// facility or a capability. A continued table starts with the values from the end of the previous
/// table.
pub fn read(
    position: u64,
    rows: &[Vec<String>],
    columns: &Columns,
    heading: &str,
    inherited: &mut InheritedCells,
    lookup: &Lookup,
) -> Vec<WrittenAction> {
    let mut actions: Vec<WrittenAction> = Vec::new();
    let known = |name: &str| lookup.lists().capability(name, None).is_ok();
    let facility = facility(heading).filter(|name| !known(name)).unwrap_or_default();
    for row in rows {
        let cell = |field: &str| {
            let text_of = |at: usize| row.get(at).map_or("", String::as_str);
            if let (None, Some(words)) =
                (columns.index_of(field), columns.marked(field, |at| text_of(at).into()))
            {
                return words;
            }
            let text = columns
                .index_of(field)
                .and_then(|at| row.get(at))
                .map(|text| text.trim())
                .unwrap_or_default();
            // A cell continued from the previous page is below the header that the page repeats.
            let text = if key(text) == key(&columns.heading(field)) { "" } else { text };
            text.lines()
                .filter(|line| !is_placeholder(unmarked(line)))
                .collect::<Vec<_>>()
                .join("\n")
        };
        if lists().field_of_heading(Section::ImprovementPlan, &cell("action")) == Some("action")
            && cell("action").len() < 40
        {
            continue;
        }
        // A line across the table names the capability or the issue of the rows below it.
        let filled: Vec<&String> = row.iter().filter(|text| !text.trim().is_empty()).collect();
        if let [only] = filled.as_slice()
            && cell("action").is_empty()
        {
            inherited.head(only, columns, &known);
            continue;
        }
        let named =
            stripped(&cell("capability").lines().map(unmarked).collect::<Vec<_>>().join("\n"));
        if !named.is_empty() && !is_placeholder(&named) {
            if named != inherited.capability {
                inherited.issue.clear();
            }
            inherited.capability = named;
        }
        let (issue, recommendation) = (cell("issue"), cell("recommendation"));
        let is_new_issue =
            !issue.is_empty() && issue != inherited.issue && !lists().is_none(unmarked(&issue));
        // `N/A` as an issue means that there is none.
        let is_none = lists().is_none(unmarked(&issue));
        if is_none {
            inherited.issue.clear();
        } else if !issue.is_empty() && !is_placeholder(unmarked(&issue)) {
            inherited.issue = issue;
        }
        // The 2007 layout may put the action in its recommendation; an issue without either is
        // still a finding.
        let action_text =
            Some(cell("action")).filter(|text| !lists().is_none(text)).unwrap_or_default();
        let mut texts = items(if action_text.is_empty() { &recommendation } else { &action_text });
        if texts.is_empty() && is_new_issue {
            texts.push(String::new());
        }
        // If a cell has as many lines as dates, each line is an action.
        let lines: Vec<String> = action_text
            .lines()
            .map(unmarked)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        let by_line = texts.len() == 1
            && lines.len() >= 2
            && ["start", "due"].iter().any(|field| {
                let days = cell(field);
                let days: Vec<&str> =
                    days.lines().map(unmarked).filter(|line| !line.is_empty()).collect();
                days.len() == lines.len()
                    && days.iter().all(|text| due(text).understood || is_yearless(text))
            });
        if by_line {
            texts = lines;
        }
        let count = texts.len();
        // A cell may list one value per action; otherwise its text applies to all of them.
        let split = |field: &str| {
            answers(&cell(field), count, by_line || count >= 2 && DATED.contains(&field))
        };
        let [elements, owners, starts, dues, completions, statuses, shares] =
            ["element", "owner", "start", "due", "completed", "status", "share_done"].map(split);
        for (at, text) in texts.into_iter().enumerate() {
            actions.push(WrittenAction {
                position,
                capability: if inherited.capability.is_empty() && known(heading) {
                    heading.to_owned()
                } else {
                    inherited.capability.clone()
                },
                issues: items(&inherited.issue),
                recommendation: recommendation.clone(),
                element: elements[at].clone(),
                number: cell("id"),
                text,
                owner: if columns.has(&["owner"]) { owners[at].clone() } else { facility.clone() },
                start: starts[at].clone(),
                due: dues[at].clone(),
                completed: completions[at].clone(),
                status: if statuses[at].is_empty() {
                    shares[at].clone()
                } else {
                    statuses[at].clone()
                },
                contacts: if at > 0 {
                    0
                } else {
                    (0..row.len())
                        .filter(|at| {
                            columns.is_dropped(*at)
                                && row.get(*at).is_some_and(|text| !text.trim().is_empty())
                        })
                        .count()
                },
            });
        }
    }
    actions
}

/// Reads the second part of a plan that is too wide for a page: a table that has the numbers of the
/// actions, and further columns. Returns whether the table is one; then each row completes an
/// action.
pub fn complete(cells: &[Vec<String>], actions: &mut [WrittenAction]) -> bool {
    let Some((_, rows)) = cells.split_first() else { return false };
    let columns = lists().columns_at(Section::ImprovementPlan, cells, 0);
    let fields: Vec<&str> = ["owner", "element", "start", "due", "completed", "status"]
        .into_iter()
        .filter(|field| columns.index_of(field).is_some())
        .collect();
    if columns.index_of("id").is_none() || columns.has(&["action"]) || fields.is_empty() {
        return false;
    }
    let mut completed = actions.to_vec();
    for row in rows {
        let cell = |field: &str| {
            let text = columns.index_of(field).and_then(|at| row.get(at));
            text.map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        let number = cell("id");
        let mut named =
            completed.iter_mut().filter(|action| !number.is_empty() && action.number == number);
        let (Some(action), None) = (named.next(), named.next()) else { return false };
        for field in &fields {
            let own = match *field {
                "owner" => &mut action.owner,
                "element" => &mut action.element,
                "start" => &mut action.start,
                "due" => &mut action.due,
                "completed" => &mut action.completed,
                _ => &mut action.status,
            };
            let text = cell(field);
            if !own.is_empty() && !text.is_empty() && *own != text {
                return false;
            }
            if own.is_empty() {
                *own = text;
            }
        }
    }
    actions.clone_from_slice(&completed);
    true
}

/// Returns the facility that a heading names as owner of the plan: `Holyoke Medical Center`,
/// `Improvement Plan \u{2013} Mercy Hospital`.
fn facility(heading: &str) -> Option<String> {
    let parts = heading
        .split([':', '\u{2013}', '\u{2014}', '|', '(', ')'])
        .flat_map(|part| part.split(" - "));
    let parts = parts.map(|part| {
        let part = part.trim();
        let lower = part.to_lowercase();
        let title =
            ["improvement plan for ", "corrective action plan for ", "improvement plan of "];
        title
            .iter()
            .find(|title| lower.starts_with(**title))
            .map_or(part, |title| part[title.len()..].trim())
    });
    let is_title = |part: &str| {
        super::words::is_title(part) || key(part).contains("plan") || key(part).contains("action")
    };
    parts
        .filter(|part| {
            !is_title(part) && crate::redact::names_organization(part) && part.chars().count() <= 90
        })
        .find_map(|part| crate::reading::person::organization_part(unmarked(part)).0)
}

impl InheritedCells {
    fn head(&mut self, text: &str, columns: &Columns, known: &dyn Fn(&str) -> bool) {
        let name = stripped(text);
        if is_placeholder(&name) {
            return;
        }
        if known(&name) || !columns.has(&["capability"]) && !columns.has(&["issue"]) {
            (self.capability, self.issue) = (name, String::new());
        } else if super::words::label(text).is_some()
            || columns.has(&["capability"]) && !columns.has(&["issue"])
        {
            text.clone_into(&mut self.issue);
        } else if super::words::capability(text).is_some() {
            (self.capability, self.issue) = (name, String::new());
        }
    }
}

/// Returns the name after its label: `Core Capability 1: Medical Surge`.
fn stripped(text: &str) -> String {
    match text.split_once(':') {
        Some((label, name)) if key(label).ends_with("capability") => name.trim().to_owned(),
        _ => text.trim().to_owned(),
    }
}

/// Values that all actions of a report share.
pub struct ReportContext<'a> {
    /// Id of the event.
    pub event: &'a str,
    /// Region of the event.
    pub region_id: i32,
    /// Date of the report.
    pub reported_on: Option<NaiveDate>,
    /// Date of the event.
    pub opened_on: Option<NaiveDate>,
    /// The report is public.
    pub public: bool,
    /// Framework of the capabilities, as stated by the document.
    pub framework: Option<&'a str>,
}

/// Writes the actions of an event.
pub fn write(
    actions: &[WrittenAction],
    about: &ReportContext<'_>,
    links: &BTreeMap<usize, String>,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    let mut check_order = |column: &str, text: fn(&WrittenAction) -> &str| {
        let texts = actions.iter().map(|action| (text(action), action.position));
        grids::warn_of_day_first(column, texts, sink);
    };
    check_order("Start Date", |action| &action.start);
    check_order("Completion Date", |action| &action.due);
    check_order("Date Completed", |action| &action.completed);
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (at, action) in actions.iter().enumerate().filter(|(_, action)| action.tells()) {
        sink.read_one()?;
        for _ in 0..action.contacts {
            sink.dropped();
        }
        if let Some(reason) = cell_labels::no_action(&action.text) {
            action.reject("Corrective Action", &action.text, reason, sink);
            continue;
        }
        let id = derived_id(&[
            &action.capability,
            &action.issues.join("\n"),
            &action.text,
            &action.owner,
        ]);
        let times = *known.entry(id.clone()).and_modify(|times| *times += 1).or_insert(1);
        let written = day(&action.start, End::First).map(|read| read.day);
        let yearless =
            dated_from(&action.start, about.opened_on, End::First).filter(|_| written.is_none());
        let start = written.or(yearless.as_ref().and_then(|(read, _)| Some((*read)?.day)));
        let mut read = due(&action.due);
        // A due date without a year comes after the start of work, or else after the report.
        let from = start.or(about.reported_on);
        for (column, text, message) in [
            ("Start Date", &action.start, yearless.as_ref().map(|(_, message)| message.clone())),
            ("Completion Date", &action.due, read.dated_from(&action.due, from)),
        ] {
            if let Some(message) = message {
                sink.warn(WarningCode::NoYear, Some(column), Some(text), &message, action.position);
            }
        }
        if !read.understood {
            sink.warn(
                WarningCode::UnreadDate,
                Some("Completion Date"),
                Some(&action.due),
                "is not a date; loaded without a due date",
                action.position,
            );
        }
        let done = day(&action.completed, End::Last).map(|read| read.day);
        let is_undone = |text: &str| {
            ["", "no", "n", "false", "-"].contains(&text.to_lowercase().as_str())
                || lists().is_undated(text)
        };
        if done.is_none()
            && !is_undone(&action.completed)
            && done_status(&action.completed).is_none()
        {
            sink.warn(
                WarningCode::UnreadDate,
                Some("Date Completed"),
                Some(&action.completed),
                "is not a date; loaded without it",
                action.position,
            );
        }
        let mut state =
            status(&action.status).or_else(|| done_status(&action.completed)).or(read.status);
        if done.is_some() {
            state = state.or(Some(crate::reading::status::WrittenStatus {
                status: ActionStatus::Completed,
                on: done,
            }));
        }
        let is_done = state.is_some_and(|state| {
            matches!(state.status, ActionStatus::Completed | ActionStatus::Validated)
        });
        let completed_on = done.or_else(|| state.and_then(|state| state.on)).filter(|_| is_done);
        // Time zones are ahead of each other by a day at most.
        let tomorrow = Utc::now().date_naive() + Days::new(1);
        if completed_on.is_some_and(|done| done > tomorrow) {
            let by_due = (action.completed.is_empty() && action.status.is_empty())
                .then_some(("Completion Date", action.due.as_str()));
            let by_status =
                action.completed.is_empty().then_some(("Status", action.status.as_str()));
            let (column, value) =
                by_due.or(by_status).unwrap_or(("Date Completed", action.completed.as_str()));
            let reason = "is in the future; write the planned day as a date alone";
            action.reject(column, value, reason, sink);
            continue;
        }
        if let Some(message) = read.counted_from(start) {
            sink.warn(
                WarningCode::RelativeDate,
                Some("Completion Date"),
                Some(&action.due),
                &message,
                action.position,
            );
        }
        if start.is_none()
            && yearless.is_none()
            && !action.start.is_empty()
            && !lists().is_undated(&action.start)
            && status(&action.start).is_none()
        {
            sink.warn(
                WarningCode::UnreadDate,
                Some("Start Date"),
                Some(&action.start),
                "is not a date; loaded without it",
                action.position,
            );
        }
        if !action.status.is_empty() && status(&action.status).is_none() {
            let message = "is not a known status; loaded without it";
            sink.warn(
                WarningCode::UnreadStatus,
                Some("Status"),
                Some(&action.status),
                message,
                action.position,
            );
        }
        let owner = cell_labels::owner(
            &action.owner,
            "Primary Responsible Organization",
            action.position,
            about.region_id,
            lookup,
            sink,
        );
        // Work may start before the event ends; the action is then opened on that day.
        let opened_on = [about.opened_on, start, completed_on].into_iter().flatten().min();
        let record = ActionReport {
            row: action.position,
            source_id: format!("{}|action|{id}|{times}", about.event),
            event: Some(EventRef::id(about.event)),
            finding_source_id: links.get(&at).cloned(),
            region_id: about.region_id,
            capability_id: cell_labels::capability_of(
                &action.capability,
                about.framework,
                "Core Capability",
                action.position,
                lookup,
                sink,
            ),
            owner,
            external_id: None,
            issue: Some(action.issues.join("\n"))
                .filter(|text| !text.is_empty())
                .map(|text| sink.redacted(&text)),
            text: sink.redacted(&action.text),
            status: state.map(|state| state.status),
            opened_on: if is_done {
                opened_on
            } else {
                [about.opened_on, start].into_iter().flatten().min()
            },
            start_on: start,
            due_on: read.due.map(|read| read.day),
            due_original_on: read.original.map(|read| read.day),
            due_precision: read.due.map(|read| read.precision),
            due_text: Some(action.due.as_str())
                .filter(|text| !text.is_empty())
                .map(|text| sink.answer(text)),
            completed_on,
            cancelled_on: state
                .filter(|state| state.status == ActionStatus::Cancelled)
                .and_then(|state| state.on),
            reported_on: about.reported_on,
            public: about.public,
            elements: cell_labels::elements(
                &action.element,
                "Capability Element",
                action.position,
                lookup,
                sink,
            ),
            ..ActionReport::default()
        };
        sink.record(&record)?;
    }
    Ok(())
}
