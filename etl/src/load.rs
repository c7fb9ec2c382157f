//! The load pipeline: reads files into records, stages the records, and merges each file in one
//! transaction. Format-specific code lives in the sources.
//!
//! A file is stored completely or not at all, and loading it again changes nothing. Always `read =
//! inserted + updated + unchanged + rejected`.

mod failure;
mod file;
mod merge;
mod paths;
mod plan;
mod report;
mod session;
mod sink;
mod stage;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use hotwash_schema::connect::connect;
use hotwash_schema::{SchemaError, migrate};
use tokio_postgres::Client;

use crate::input::Input;
use crate::lookup::Lookup;
use crate::source::{Source, SourceError};
pub(crate) use merge::{NEAR, NORMALIZED};
pub use paths::{PathError, expand};
pub(crate) use plan::SourceChoice;
pub use report::{FileReport, Warning};
pub use sink::{Sink, SinkTotals, redacted_content};

/// Options of a load.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Id of the source by which every file is read; recognized by content if not given.
    pub source: Option<String>,
    /// Validates and merges, then rolls back.
    pub dry_run: bool,
    /// The records are fictional demonstration data.
    pub fictional: bool,
    /// Purpose of the load, as a note for readers.
    pub label: Option<String>,
    /// Ids of events that are not the same as the events of other documents they were matched to.
    pub not_same_as: Vec<String>,
    /// Layout by which every file is read: a path, or the name of a layout.
    pub layout: Option<PathBuf>,
    /// Folder of layouts that apply to files with matching headings.
    pub layouts: Option<PathBuf>,
}

/// Receives the progress of a load.
pub trait Progress: Sync {
    /// Called when a file begins, with its size in bytes.
    fn start_file(&self, name: &str, bytes: u64);
    /// Called after each chunk, with the number of bytes read so far.
    fn advance(&self, bytes: u64);
    /// Called when a file is finished.
    fn end_file(&self, name: &str, summary: &str);
}

/// Ignores all progress.
pub struct Quiet;

impl Progress for Quiet {
    fn start_file(&self, _name: &str, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn end_file(&self, _name: &str, _summary: &str) {}
}

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
    #[error(transparent)]
    Generate(#[from] crate::generate::GenerateError),
    /// `--source` or `--layout` names nothing that exists.
    #[error("{0}")]
    Source(String),
}

impl From<tokio_postgres::Error> for LoadError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Schema(error.into())
    }
}

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
    let choice = plan::SourceChoice::of(options).map_err(LoadError::Source)?;
    migrate::check(url).await?;
    let client = connect(url).await?;
    clear_killed(&client).await?;
    let batch = if options.dry_run { None } else { Some(begin_batch(&client, options).await?) };
    let reports = plan::Plan::build(inputs, choice).await.run(url, batch, options, progress).await;
    if let Some(batch) = batch {
        let failed = reports.iter().all(|report| report.error.is_some());
        // The files' reports are returned even if the end of the load cannot be recorded; the next
        // load records it.
        if let Err(error) = end(url, client, batch, if failed { "FAILED" } else { "DONE" }).await {
            tracing::warn!(%error, batch, "the end of the load could not be noted; the next load \
                notes it");
        }
    }
    Ok(reports)
}

/// Ends loads whose process was killed: they no longer hold their lock.
async fn clear_killed(client: &Client) -> Result<(), SchemaError> {
    client
        .batch_execute(
            "with killed as (select batch_id from meta.batch where status = 'RUNNING' and \
             pg_try_advisory_xact_lock(7747, batch_id)), \
             files as (update meta.file set status = 'FAILED', error = 'the loader was stopped; \
             nothing was stored', finished_at = now() \
             from killed where file.batch_id = killed.batch_id and file.status = 'RUNNING') \
             update meta.batch set status = 'FAILED', finished_at = now() from killed where \
             batch.batch_id = killed.batch_id",
        )
        .await?;
    Ok(())
}

async fn end(url: &str, client: Client, batch: i32, status: &str) -> Result<(), SchemaError> {
    let client = if client.is_closed() { connect(url).await? } else { client };
    end_batch(&client, batch, status).await
}

/// Ends a load, and with it the files whose end was not recorded because their connection was lost.
async fn end_batch(client: &Client, batch: i32, status: &str) -> Result<(), SchemaError> {
    client
        .execute(
            "with lost as (update meta.file set status = 'FAILED', finished_at = now(), \
                 error = 'the connection to the database was lost; nothing of the file was stored, \
                 and loading again is safe' \
                 where batch_id = $1 and status = 'RUNNING') \
             update meta.batch set status = $2, finished_at = now() where batch_id = $1",
            &[&batch, &status],
        )
        .await?;
    Ok(())
}

async fn begin_batch(client: &Client, options: &Options) -> Result<i32, SchemaError> {
    let row = client
        .query_one(
            "with batch as (insert into meta.batch (tool_version, label) values ($1, $2) returning \
             batch_id) \
             select batch_id, pg_advisory_lock(7747, batch_id) from batch",
            &[&env!("CARGO_PKG_VERSION"), &options.label],
        )
        .await?;
    Ok(row.get(0))
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
