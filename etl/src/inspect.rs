//! Inspects a file before anything is stored: its source and the reason, the use of each column,
//! known events and organizations, and rejected rows. Writes nothing, and works without a
//! warehouse.

mod columns;
mod guess;
mod matches;
mod suggest;
pub(crate) mod trace;

use std::path::Path;

use hotwash_documents::input::Input;
use hotwash_schema::copy::Connection;
use serde::Serialize;

use hotwash_schema::record::RECORD_TYPES;

use crate::code::RejectCode;
use crate::load::{Options, SourceChoice, Warning, parse};
use crate::lookup::Lookup;
use crate::redact::redact;
use crate::source::{self, Sample, Source, SourceError};
pub use columns::{InspectedColumn, Value};
pub use matches::{Match, MatchState, Matches};
pub use suggest::suggest;

/// Maximum number of rejects shown.
const REJECTS: usize = 10;
/// Number of sources named with their confidence.
const CANDIDATES: usize = 3;

/// Result of an inspection.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Inspection {
    /// File name.
    pub file: String,
    /// Id of the source that reads it.
    pub source: Option<String>,
    /// Title of that source.
    pub title: Option<String>,
    /// Reason why that source reads it.
    pub reason: Option<String>,
    /// Nearest sources, the most confident first.
    pub candidates: Vec<Candidate>,
    /// Reason why the file cannot be loaded.
    pub error: Option<String>,
    /// Reason why the lists, events and organizations are not from the warehouse; none if they are.
    pub without_warehouse: Option<String>,
    /// Rows or records read.
    pub read: u64,
    /// Rows that would be rejected before the merge resolves references.
    pub rejected: u64,
    /// Number of records by type.
    pub records: Vec<RecordCount>,
    /// Columns.
    pub columns: Vec<InspectedColumn>,
    /// Fields with the same value in every row by the layout.
    pub constants: Vec<Constant>,
    /// Events in the file, or named by it.
    pub events: Matches,
    /// Organizations in the file, or named by it.
    pub organizations: Matches,
    /// First rejects.
    pub rejects: Vec<Reject>,
    /// Warnings.
    pub warnings: Vec<Warning>,
}

/// A source with its confidence.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// Id of the source.
    pub source: String,
    /// Confidence, 0 to 1; from 0.75 on, the source reads the file.
    pub confidence: f64,
}

/// Number of records of one type.
#[derive(Clone, Debug, Serialize)]
pub struct RecordCount {
    /// Record type.
    pub record_type: String,
    /// Number of records.
    pub count: u64,
}

/// Field with one value for all rows.
#[derive(Clone, Debug, Serialize)]
pub struct Constant {
    /// Name of the field.
    pub field: String,
    /// Its value.
    pub value: String,
}

/// Row that would be rejected.
#[derive(Clone, Debug, Serialize)]
pub struct Reject {
    /// Row in the file.
    pub row: u64,
    /// Record type.
    pub record_type: String,
    /// Code of the reason.
    pub code: RejectCode,
    /// Column.
    pub column: Option<String>,
    /// Value, redacted.
    pub value: Option<String>,
    /// Problem and remedy.
    pub reason: String,
}

/// Inspects a file. `warehouse` is its address, or the reason why it cannot be reached.
pub async fn inspect(
    path: &Path,
    options: &Options,
    warehouse: &Result<String, String>,
) -> Inspection {
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let mut inspection = Inspection { file: name, ..Inspection::default() };
    match Input::open(path) {
        Ok(input) => {
            if let Err(error) = look(&input, options, warehouse, &mut inspection).await {
                inspection.error = Some(error);
            }
        }
        Err(error) => inspection.error = Some(error.to_string()),
    }
    inspection
}

async fn look(
    input: &Input,
    options: &Options,
    warehouse: &Result<String, String>,
    inspection: &mut Inspection,
) -> Result<(), String> {
    let choice = SourceChoice::of(options).map_err(|error| error.to_string())?;
    let sampled = input.clone();
    let broken =
        || "the file broke its reader, which is our fault; please report its layout".to_owned();
    let sample =
        tokio::task::spawn_blocking(move || Sample::take(&sampled)).await.map_err(|_| broken())?;
    if let Ok(sample) = &sample {
        inspection.candidates = candidates(sample);
    }
    let source = choice.source(&sample).map_err(|error| error.to_string())?;
    let definition = source.definition();
    inspection.source = Some(definition.id.to_owned());
    inspection.title = Some(definition.title.to_owned());
    inspection.reason = Some(reason(source, sample.as_ref().ok(), options));
    let (lookup, address) = match lists(warehouse).await {
        Ok((lookup, address)) => (lookup, Some(address)),
        Err(reason) => {
            inspection.without_warehouse = Some(reason);
            (Lookup::bundled(), None)
        }
    };
    let lookup = lookup.with_metrics(&options.metrics);
    let reading = input.clone();
    let read = tokio::task::spawn_blocking(move || {
        trace::traced(|| {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                parse(source, &reading, &lookup)
            }))
            .unwrap_or_else(|_| Err(SourceError::Unreadable(broken())))
        })
    });
    let (outcome, trace) = read.await.map_err(|error| error.to_string())?;
    let outcome = outcome.map_err(|error| error.to_string())?;
    inspection.read = outcome.read;
    inspection.rejected = outcome.rejected;
    inspection.records = RECORD_TYPES
        .iter()
        .filter_map(|record| {
            let count = *trace.records.get(*record)?;
            Some(RecordCount { record_type: record.name.replace('_', " "), count })
        })
        .collect();
    inspection.constants = constants(&choice, source);
    inspection.columns = columns::columns(outcome.columns, &trace);
    inspection.rejects = trace.rejects.iter().take(REJECTS).map(shown_reject).collect();
    inspection.warnings = outcome.warnings;
    if let Some(address) = &address {
        let found = matches::find(address, definition.id, &trace)
            .await
            .map_err(|error| error.to_string())?;
        (inspection.events, inspection.organizations) = found;
    } else {
        inspection.events = Matches::unknown(&trace.events);
        inspection.organizations = Matches::unknown(&trace.organizations);
    }
    if outcome.read == 0 && options.source.is_some() {
        return Err(format!(
            "nothing in this file can be read as {} ({})",
            definition.id, definition.title
        ));
    }
    Ok(())
}

/// Returns the lists of the warehouse and its address.
async fn lists(warehouse: &Result<String, String>) -> Result<(Lookup, String), String> {
    let address = warehouse.clone()?;
    Connection::open(&address).await.map_err(|error| error.to_string())?;
    let lookup = Lookup::read(&address).await.map_err(|error| error.to_string())?;
    Ok((lookup, address))
}

/// Returns the most confident sources.
fn candidates(sample: &Sample) -> Vec<Candidate> {
    let rated =
        source::registry().iter().map(|source| (source.recognize(sample), source.definition().id));
    let mut rated: Vec<(f64, &str)> = rated.filter(|(confidence, _)| *confidence > 0.0).collect();
    rated.sort_by(|one, two| two.0.total_cmp(&one.0));
    let shown = rated.into_iter().take(CANDIDATES);
    shown
        .map(|(confidence, source)| Candidate {
            source: source.to_owned(),
            confidence: (confidence * 100.0).round() / 100.0,
        })
        .collect()
}

/// Returns the reason why a source reads a file.
fn reason(source: &'static dyn Source, sample: Option<&Sample>, options: &Options) -> String {
    if options.layout.is_some() {
        return "named by --layout".into();
    }
    if options.source.is_some() {
        return "named by --source".into();
    }
    let definition = source.definition();
    let Some(sample) = sample else { return String::new() };
    if definition.id.starts_with(crate::layout::PREFIX) {
        return format!(
            "it has every heading that the layout requires: {}",
            definition.headings.join(", ")
        );
    }
    let confidence = source.recognize(sample);
    let has =
        |name: &&&str| sample.headings.iter().any(|heading| heading.eq_ignore_ascii_case(name));
    let known: Vec<&str> = definition.headings.iter().filter(has).copied().collect();
    let by = match (&sample.word, known.as_slice()) {
        (Some(_), _) => "by the parts and tables of the document".to_owned(),
        (None, []) => {
            let shown = sample
                .headings
                .iter()
                .take(8)
                .map(|heading| columns::shown(heading))
                .collect::<Vec<_>>();
            format!("by its headings: {}", shown.join(", "))
        }
        (None, known) => format!("it has the headings {}", known.join(", ")),
    };
    format!("confidence {confidence:.2}; {by}")
}

/// Returns the fields to which the layout gives one value.
fn constants(choice: &SourceChoice, source: &'static dyn Source) -> Vec<Constant> {
    let Some(layout) = choice.layout(source) else { return Vec::new() };
    let fields = layout.fields.iter().filter_map(|field| match &field.origins {
        crate::layout::Origins::Constant(value) => Some((field.column.heading, value)),
        crate::layout::Origins::Columns { .. } => None,
    });
    fields
        .map(|(field, value)| Constant {
            field: field.to_owned(),
            value: redact(value).0.into_owned(),
        })
        .collect()
}

fn shown_reject(reject: &trace::Rejected) -> Reject {
    Reject {
        row: reject.row,
        record_type: reject.record_type.clone(),
        code: reject.code,
        column: reject.column.as_deref().map(columns::shown),
        value: reject.value.as_deref().map(columns::shown),
        reason: redact(&reject.reason).0.into_owned(),
    }
}
