//! Trackers for owners: one workbook with the open actions of each owner or region. What was asked
//! is stored as requests, by which the filled workbooks are recognized
//! (`source::owner_tracker`).

mod file_name;
mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text};
use hotwash_documents::input::Input;
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{Connection, RunStatement};
use serde::Serialize;

use crate::load::{self, LoadError, Options, Quiet};
use crate::record::ActionStatus;
use crate::sql::sql;
use crate::tracker_form::{ANSWER_DAYS, COLUMNS, SentRow, SentTracker, status_words, tracker_id};
use file_name::file_names;
use workbook::workbook;

/// Owner of the workbook with the actions that no organization owns.
const UNASSIGNED: &str = "unassigned";
/// Characters of a cell. Excel allows 32,767 units of UTF-16.
const LONGEST_CELL: usize = 16_000;

/// Division of the open actions into workbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Division {
    /// One workbook for each responsible organization.
    Owner,
    /// One workbook for each region.
    Region,
}

/// What to write.
#[derive(Clone, Debug)]
pub struct TrackerOptions {
    /// Division into workbooks.
    pub by: Division,
    /// Folder, which is created if it does not exist.
    pub folder: PathBuf,
    /// Day of writing.
    pub asked_on: NaiveDate,
    /// Day by which an answer is asked for; not before the day of writing.
    pub due_on: Option<NaiveDate>,
}

/// A workbook that was written.
#[derive(Clone, Debug, Serialize)]
pub struct WrittenTracker {
    /// Name of the file.
    pub file: String,
    /// Id, with which the ids of its rows begin.
    pub tracker: String,
    /// Organization or region, as the workbook names it.
    pub title: String,
    /// Open actions in it.
    pub actions: usize,
    /// Day by which an answer is asked for.
    pub due_on: NaiveDate,
}

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct WrittenTrackers {
    /// Workbooks, by name.
    pub trackers: Vec<WrittenTracker>,
    /// File with the requests, which the warehouse stores. A warehouse that is made again needs it
    /// to recognize the answers. None if no action is open.
    pub requests: Option<String>,
}

/// Reason why trackers were not written.
#[derive(Debug, thiserror::Error)]
pub enum TrackerError {
    /// The day of the answer has passed.
    #[error("the answers would be due on {due_on}, before the trackers are written ({asked_on})")]
    DuePassed {
        /// Day by which an answer was to be asked for.
        due_on: NaiveDate,
        /// Day of writing.
        asked_on: NaiveDate,
    },
    /// A file exists. It may be filled in.
    #[error("{0} exists and may be filled in; write to another folder")]
    Exists(String),
    /// The folder or a file cannot be written.
    #[error("{path}: {reason}")]
    Write {
        /// Path.
        path: String,
        /// Reason.
        reason: String,
    },
    /// The requests could not be stored, so the workbooks were removed.
    #[error("the requests could not be stored, so nothing was written: {0}")]
    NotStored(String),
    /// The warehouse cannot be read.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The load of the requests could not start.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl TrackerError {
    fn write(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Write { path: path.display().to_string(), reason: reason.to_string() }
    }
}

/// An open action.
struct OpenAction {
    source: String,
    source_id: String,
    owner: (i64, String),
    region: (i32, String, String),
    /// Values in the order of [`COLUMNS`], with an empty id.
    values: Vec<String>,
}

/// A workbook to write.
struct Draft {
    title: String,
    sent: SentTracker,
    /// Source and id of each row's action.
    actions: Vec<(String, String)>,
}

/// Writes the workbooks and stores what they ask. Either both or neither is done.
///
/// # Errors
/// Fails if a file exists or cannot be written, or if the requests cannot be stored.
pub async fn write(url: &str, options: &TrackerOptions) -> Result<WrittenTrackers, TrackerError> {
    let asked_on = options.asked_on;
    let due_on = options.due_on.unwrap_or(asked_on + Days::new(ANSWER_DAYS));
    if due_on < asked_on {
        return Err(TrackerError::DuePassed { due_on, asked_on });
    }
    let drafts = drafts(open_actions(url).await?, options.by, asked_on, due_on);
    if drafts.is_empty() {
        return Ok(WrittenTrackers { trackers: Vec::new(), requests: None });
    }
    let titles: Vec<&str> = drafts.iter().map(|draft| draft.title.as_str()).collect();
    let names = file_names(&titles, asked_on);
    let requests_name = format!("requests-{}-{asked_on}.csv", drafts[0].sent.id.to_lowercase());
    let mut files = vec![(requests_name.clone(), requests(&drafts))];
    for (name, draft) in names.iter().zip(&drafts) {
        let path = options.folder.join(name);
        let bytes = workbook(&draft.sent, &draft.title)
            .map_err(|error| TrackerError::write(&path, error))?;
        files.push((name.clone(), bytes));
    }
    std::fs::create_dir_all(&options.folder)
        .map_err(|error| TrackerError::write(&options.folder, error))?;
    let mut written = WrittenFiles::default();
    for (name, bytes) in &files {
        written.write(&options.folder.join(name), bytes)?;
    }
    store(url, &requests_name, &files[0].1).await?;
    written.is_complete = true;
    let trackers = names.into_iter().zip(drafts).map(|(file, draft)| WrittenTracker {
        file,
        tracker: draft.sent.id,
        title: draft.title,
        actions: draft.actions.len(),
        due_on,
    });
    Ok(WrittenTrackers { trackers: trackers.collect(), requests: Some(requests_name) })
}

/// Files of an unfinished run, which are removed when it fails.
#[derive(Default)]
struct WrittenFiles {
    paths: Vec<PathBuf>,
    is_complete: bool,
}

impl WrittenFiles {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), TrackerError> {
        use std::io::{ErrorKind, Write};
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
        let mut file = file.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => TrackerError::Exists(path.display().to_string()),
            _ => TrackerError::write(path, error),
        })?;
        self.paths.push(path.to_owned());
        file.write_all(bytes).map_err(|error| TrackerError::write(path, error))
    }
}

impl Drop for WrittenFiles {
    fn drop(&mut self) {
        for path in self.paths.iter().filter(|_| !self.is_complete) {
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(file = %path.display(), %error, "could not be removed");
            }
        }
    }
}

/// Loads the file with the requests.
async fn store(url: &str, name: &str, csv: &[u8]) -> Result<(), TrackerError> {
    let input = Input::memory(name, csv);
    let inputs = vec![(name.to_owned(), Ok(input))];
    for report in load::load_inputs(url, inputs, &Options::default(), &Quiet).await? {
        if let Some(error) = report.error {
            return Err(TrackerError::NotStored(error));
        }
        if report.rejected > 0 {
            let reason = format!("{} of them were rejected", report.rejected);
            return Err(TrackerError::NotStored(reason));
        }
    }
    Ok(())
}

async fn open_actions(url: &str) -> Result<Vec<OpenAction>, TrackerError> {
    type Columns = (
        (Text, Text, Text, Nullable<Text>, Text, Nullable<Date>, BigInt, Text),
        (Integer, Text, Text, Nullable<Text>, Nullable<Text>, Nullable<Text>, Date, Nullable<Date>),
    );
    type Row = (
        (String, String, String, Option<String>, String, Option<NaiveDate>, i64, String),
        (
            i32,
            String,
            String,
            Option<String>,
            Option<String>,
            Option<String>,
            NaiveDate,
            Option<NaiveDate>,
        ),
    );
    let connection = Connection::open(url).await?;
    let rows: Vec<Row> = connection
        .rows::<Columns, _>(sql!("tracker/open_actions.sql").query())
        .await
        .map_err(SchemaError::from)?;
    let actions = rows.into_iter().map(|(action, about)| {
        let (source, source_id, text, issue, status, due, owner_id, owner) = action;
        let (region_id, code, region, event, capability, priority, opened, due_original) = about;
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let status = ActionStatus::parse(&status).map_or("", status_words).to_owned();
        let value = |field: &str| match field {
            "action" => text.clone(),
            "issue" => issue.clone().unwrap_or_default(),
            "status" => status.clone(),
            "due" => day(due),
            "owner" if owner_id > 0 => owner.clone(),
            "region" if region_id > 0 => code.clone(),
            "event" => event.clone().unwrap_or_default(),
            "capability" => capability.clone().unwrap_or_default(),
            "priority" => priority.as_deref().map(capitalized).unwrap_or_default(),
            "opened" => day(Some(opened)),
            "due_original" => day(due_original),
            _ => String::new(),
        };
        let values = COLUMNS.iter().map(|column| cell_text(&value(column.field))).collect();
        OpenAction {
            source,
            source_id,
            owner: (owner_id, owner),
            region: (region_id, code, region),
            values,
        }
    });
    Ok(actions.collect())
}

/// Returns a text as long as a cell may be, without line ends that a spreadsheet would change.
fn cell_text(text: &str) -> String {
    text.replace("\r\n", "\n").trim().chars().take(LONGEST_CELL).collect()
}

fn capitalized(code: &str) -> String {
    let mut letters = code.chars();
    letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect()
}

/// Divides the actions into workbooks, in the order of the owners' or regions' keys.
fn drafts(
    actions: Vec<OpenAction>,
    by: Division,
    asked_on: NaiveDate,
    due_on: NaiveDate,
) -> Vec<Draft> {
    let mut groups: BTreeMap<i64, Vec<OpenAction>> = BTreeMap::new();
    for action in actions {
        let key = match by {
            Division::Owner => action.owner.0,
            Division::Region => i64::from(action.region.0),
        };
        groups.entry(key).or_default().push(action);
    }
    let drafts = groups.into_iter().filter_map(|(key, group)| {
        let first = group.first()?;
        let (owner, region, title) = match by {
            _ if key <= 0 => (String::new(), String::new(), UNASSIGNED.to_owned()),
            Division::Owner => (first.owner.1.clone(), String::new(), first.owner.1.clone()),
            Division::Region => {
                let (_, code, name) = &first.region;
                (String::new(), code.clone(), name.clone())
            }
        };
        let id = tracker_id(&unique(&title));
        let (mut rows, mut asked) = (Vec::new(), Vec::new());
        for (number, action) in (1..).zip(group) {
            let mut values = action.values;
            values[0] = request_id(&id, number);
            rows.push(SentRow { values });
            asked.push((action.source, action.source_id));
        }
        let sent = SentTracker { id, owner, region, asked_on, due_on, rows };
        Some(Draft { title, sent, actions: asked })
    });
    drafts.collect()
}

/// Returns a text that no other tracker is made from.
fn unique(title: &str) -> String {
    format!("{:?}", (chrono::Utc::now().timestamp_nanos_opt(), std::process::id(), title))
}

fn request_id(tracker: &str, number: usize) -> String {
    format!("{tracker}-{number:03}")
}

/// Returns the requests as a file of the template `tracker_requests`.
fn requests(drafts: &[Draft]) -> Vec<u8> {
    let mut lines = vec!["request_id,tracker,action_source,action_id,asked_on,due_on".to_owned()];
    for draft in drafts {
        let SentTracker { id, asked_on, due_on, .. } = &draft.sent;
        for (row, (source, action)) in draft.sent.rows.iter().zip(&draft.actions) {
            let (source, action) = (quoted(source), quoted(action));
            lines.push(format!("{},{id},{source},{action},{asked_on},{due_on}", row.id()));
        }
    }
    lines.push(String::new());
    lines.join("\n").into_bytes()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
