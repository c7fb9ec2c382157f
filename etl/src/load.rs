//! The load pipeline: reads files into records, stages the records, and merges each file in one
//! transaction. Format-specific code lives in the sources.
//!
//! A file is stored completely or not at all, and loading it again changes nothing. Always `read =
//! inserted + updated + unchanged + rejected`.

mod batch;
mod corrections;
mod failure;
mod file;
mod merge;
mod options;
mod paths;
mod plan;
mod report;
mod session;
mod sink;
mod stage;
pub(crate) mod statement;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use batch::{Batch, clear_killed};
use hotwash_documents::input::Input;
use hotwash_schema::pool::Pool;
use hotwash_schema::{SchemaError, migrate};
pub(crate) use merge::NEAR;
pub use options::{Options, Progress, Quiet};
pub use paths::{PathError, expand};
pub(crate) use plan::SourceChoice;
pub use report::{FileReport, Warning};
pub use sink::{Sink, SinkTotals, redacted_content};

use crate::error::ChoiceError;
use crate::lookup::Lookup;
use crate::source::{Source, SourceError};

/// Reason why the load could not start.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The warehouse cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A path matches no file.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The demonstration data cannot be generated.
    #[cfg(feature = "demo-data")]
    #[error(transparent)]
    Generate(#[from] crate::generate::GenerateError),
    /// `--source` or `--layout` names nothing that exists.
    #[error(transparent)]
    Source(#[from] ChoiceError),
}

/// Longest wait for the end of a load to be recorded. Somebody may hold a lock on the table.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// Loads files, folders and patterns. Returns one report per file, in the order of the files.
pub async fn load(
    url: &str,
    paths: &[PathBuf],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<FileReport>, LoadError> {
    let files = expand(paths)?;
    let inputs = files.iter().map(|path| {
        let name = path
            .file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        (name, Input::open(path).map_err(|error| error.to_string()))
    });
    load_inputs(url, inputs.collect(), options, progress).await
}

/// Loads opened inputs, and reports those that could not be opened.
pub async fn load_inputs(
    url: &str,
    inputs: Vec<(String, Result<Input, String>)>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<FileReport>, LoadError> {
    let choice = plan::SourceChoice::of(options)?;
    let pool = Pool::new(url);
    migrate::check(&pool).await?;
    clear_killed(&pool).await?;
    let batch = match options.dry_run {
        true => None,
        false => Some(Batch::begin(&pool, options.label.as_deref()).await?),
    };
    let id = batch.as_ref().map(|batch| batch.id);
    let reports = plan::Plan::build(inputs, choice).await.run(url, id, options, progress).await;
    if let Some(batch) = batch {
        let failed = reports.iter().all(|report| report.error.is_some());
        // The files' reports are returned even if the end of the load cannot be recorded; the next
        // load records it.
        let status = if failed { "FAILED" } else { "DONE" };
        let end = tokio::time::timeout(END_TIMEOUT, batch.end(&pool, status)).await;
        let error = match end {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("no answer within {} s", END_TIMEOUT.as_secs())),
        };
        if let Some(error) = error {
            tracing::warn!(
                error,
                batch = id,
                "the end of the load could not be recorded; the \
                next load records it"
            );
        }
    }
    Ok(reports)
}

/// Reads an input with a source and counts what it would pass to the merge. Stores nothing; for
/// tests and fuzzing.
pub fn parse(
    source: &'static dyn Source,
    input: &Input,
    lookup: &Lookup,
) -> Result<SinkTotals, SourceError> {
    let (mut sink, mut messages) = Sink::new();
    std::thread::scope(|scope| {
        scope.spawn(move || while messages.blocking_recv().is_some() {});
        source.read(input, lookup, &mut sink)?;
        sink.finish()
    })
}
