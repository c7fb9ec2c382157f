//! The pipeline: files to records to staging to one transaction a file. Knows no format.
//!
//! A file loads whole or not at all; loading it again changes nothing; and always
//! `read = inserted + updated + unchanged + rejected`.

mod merge;
mod paths;
mod report;
mod sink;
mod stage;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Instant;

use hotwash_schema::connect::connect;
use hotwash_schema::error::said;
use hotwash_schema::{SchemaError, migrate};
use tokio_postgres::{Client, Transaction};

use crate::input::Input;
use crate::lookup::Lookup;
use crate::source::{self, Sample, Source, SourceError};
pub use paths::{PathError, expand};
pub use report::{FileReport, Warning};
pub use sink::{Sink, Told, redacted_content};

/// How to load.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Read every file as this source.
    pub source: Option<String>,
    /// Do all but store.
    pub dry_run: bool,
    /// The records are invented, for demonstration.
    pub fictional: bool,
    /// What the load is for.
    pub label: Option<String>,
}

/// Told how far a load is.
pub trait Progress: Sync {
    /// A file begins.
    fn start_file(&self, name: &str, bytes: u64);
    /// So many of its bytes are read.
    fn advance(&self, bytes: u64);
    /// It is done.
    fn end_file(&self, name: &str, summary: &str);
}

/// Says nothing.
pub struct Quiet;

impl Progress for Quiet {
    fn start_file(&self, _name: &str, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn end_file(&self, _name: &str, _summary: &str) {}
}

/// Why nothing could be loaded at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The warehouse cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A path names no file.
    #[error(transparent)]
    Path(#[from] PathError),
    /// `--source` names no source.
    #[error("{0}")]
    Source(String),
}

impl From<tokio_postgres::Error> for LoadError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Schema(error.into())
    }
}

/// Loads files, folders and patterns; one report a file, in their order.
pub async fn load(
    url: &str,
    paths: &[PathBuf],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<FileReport>, LoadError> {
    let files = expand(paths)?;
    let inputs = files.iter().map(|path| {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        (name, Input::open(path).map_err(|error| error.to_string()))
    });
    load_inputs(url, inputs.collect(), options, progress).await
}

/// Loads inputs already opened, or reports why they could not be.
pub async fn load_inputs(
    url: &str,
    inputs: Vec<(String, Result<Input, String>)>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<FileReport>, LoadError> {
    if let Some(id) = &options.source {
        source::find(id).map_err(LoadError::Source)?;
    }
    migrate::check(url).await?;
    let mut client = connect(url).await?;
    let lookup = std::sync::Arc::new(Lookup::read(url).await?);
    clear_killed(&client).await?;
    let batch = if options.dry_run { None } else { Some(begin_batch(&client, options).await?) };
    let mut reports = Vec::new();
    for (name, input) in inputs {
        let began = Instant::now();
        let mut report = match input {
            Ok(input) => load_file(&mut client, &lookup, &input, batch, options, progress).await,
            Err(error) => FileReport::refused(&name, batch, error),
        };
        report.seconds = began.elapsed().as_secs_f64();
        tracing::info!(file = %report.file, read = report.read, inserted = report.inserted, rejected = report.rejected, error = report.error, "loaded");
        progress.end_file(&report.file, &report.summary());
        reports.push(report);
    }
    if let Some(batch) = batch {
        let failed = reports.iter().all(|report| report.error.is_some());
        let status = if failed { "FAILED" } else { "DONE" };
        client
            .execute("update meta.batch set status = $2, finished_at = now() where batch_id = $1", &[&batch, &status])
            .await?;
    }
    Ok(reports)
}

/// Loads of loaders that were killed hold no lock any more.
async fn clear_killed(client: &Client) -> Result<(), SchemaError> {
    client
        .batch_execute(
            "with killed as (select batch_id from meta.batch where status = 'RUNNING' and pg_try_advisory_xact_lock(7747, batch_id)), \
             files as (update meta.file set status = 'FAILED', error = 'the loader was stopped; nothing was stored', finished_at = now() \
             from killed where file.batch_id = killed.batch_id and file.status = 'RUNNING') \
             update meta.batch set status = 'FAILED', finished_at = now() from killed where batch.batch_id = killed.batch_id",
        )
        .await?;
    Ok(())
}

async fn begin_batch(client: &Client, options: &Options) -> Result<i32, SchemaError> {
    let row = client
        .query_one(
            "with batch as (insert into meta.batch (tool_version, label) values ($1, $2) returning batch_id) \
             select batch_id, pg_advisory_lock(7747, batch_id) from batch",
            &[&env!("CARGO_PKG_VERSION"), &options.label],
        )
        .await?;
    Ok(row.get(0))
}

async fn load_file(
    client: &mut Client,
    lookup: &std::sync::Arc<Lookup>,
    input: &Input,
    batch: Option<i32>,
    options: &Options,
    progress: &dyn Progress,
) -> FileReport {
    progress.start_file(input.name(), input.bytes());
    let source = match choose(input, options).await {
        Ok(source) => source,
        Err(error) => {
            let report = FileReport::refused(input.name(), batch, error);
            return record_failure(client, None, report, input).await;
        }
    };
    let id = source.definition().id;
    let file_id = match batch {
        Some(batch) => match begin_file(client, batch, input, id, options).await {
            Ok(file_id) => Some(file_id),
            Err(error) => return FileReport::refused(input.name(), Some(batch), error.to_string()),
        },
        None => None,
    };
    match run(client, lookup, input, source, batch.zip(file_id), options, progress).await {
        Ok(report) => report,
        Err(error) => {
            let mut report = FileReport::refused(input.name(), batch, error);
            report.source = Some(id.into());
            record_failure(client, file_id, report, input).await
        }
    }
}

/// Reads an input as a source and stores nothing: what it would hand to the merge, counted. For tests and fuzzing.
pub fn parse(source: &'static dyn Source, input: &Input, lookup: &Lookup) -> Result<Told, SourceError> {
    let (mut sink, mut messages) = Sink::new();
    std::thread::scope(|scope| {
        scope.spawn(move || while messages.blocking_recv().is_some() {});
        source.read(input, lookup, &mut sink)?;
        sink.finish()
    })
}

async fn choose(input: &Input, options: &Options) -> Result<&'static dyn Source, String> {
    if let Some(id) = &options.source {
        return source::find(id);
    }
    let input = input.clone();
    let sample = tokio::task::spawn_blocking(move || Sample::take(&input))
        .await
        .map_err(|_| "the file could not be read".to_owned())??;
    source::recognise(&sample)
}

async fn begin_file(
    client: &Client,
    batch: i32,
    input: &Input,
    source: &str,
    options: &Options,
) -> Result<i32, SchemaError> {
    let row = client
        .query_one(
            "insert into meta.file (batch_id, name, source, bytes, fictional) values ($1, $2, $3, $4, $5) returning file_id",
            &[&batch, &input.name(), &source, &(input.bytes() as i64), &options.fictional],
        )
        .await?;
    Ok(row.get(0))
}

/// Notes a refused file; that noting may fail too, when the database is why.
async fn record_failure(client: &Client, file_id: Option<i32>, report: FileReport, input: &Input) -> FileReport {
    let noted = match (file_id, report.batch) {
        (Some(file_id), _) => {
            let sql = "update meta.file set status = 'FAILED', error = $2, finished_at = now() where file_id = $1";
            client.execute(sql, &[&file_id, &report.error]).await
        }
        (None, Some(batch)) => {
            let sql = "insert into meta.file (batch_id, name, bytes, status, error, finished_at) values ($1, $2, $3, 'FAILED', $4, now())";
            client.execute(sql, &[&batch, &report.file, &(input.bytes() as i64), &report.error]).await
        }
        (None, None) => Ok(0),
    };
    if let Err(error) = noted {
        tracing::warn!(error = %said(&error), "the failure could not be noted in the warehouse");
    }
    report
}

async fn run(
    client: &mut Client,
    lookup: &std::sync::Arc<Lookup>,
    input: &Input,
    source: &'static dyn Source,
    lineage: Option<(i32, i32)>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<FileReport, String> {
    let failed = |error: tokio_postgres::Error| database_error(&error);
    let began = Instant::now();
    let transaction = client.transaction().await.map_err(failed)?;
    let id = source.definition().id;
    transaction.execute("select pg_advisory_xact_lock(hashtext($1))", &[&id]).await.map_err(failed)?;
    let (batch, file) = match lineage {
        Some(ids) => ids,
        None => {
            let row = transaction
                .query_one(
                    "with batch as (insert into meta.batch (tool_version) values ('dry run') returning batch_id) \
                     insert into meta.file (batch_id, name, source) select batch_id, $1, $2 from batch returning batch_id, file_id",
                    &[&input.name(), &id],
                )
                .await
                .map_err(failed)?;
            (row.get(0), row.get(1))
        }
    };
    let (mut sink, mut messages) = Sink::new();
    let (reading, lists) = (input.clone(), std::sync::Arc::clone(lookup));
    let reader = tokio::task::spawn_blocking(move || {
        let outcome =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| source.read(&reading, &lists, &mut sink)));
        match outcome {
            Ok(Ok(())) => sink.finish(),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(SourceError::Unreadable(
                "the file broke its reader, which is our fault; please report its layout".into(),
            )),
        }
    });
    let read = input.progress();
    let mut stages = stage::Stages::default();
    let staged = async {
        while let Some((table, chunk)) = messages.recv().await {
            stages.copy(&transaction, table, chunk).await?;
            progress.advance(read.load(Ordering::Relaxed));
        }
        stages.finish(&transaction).await
    };
    // When the database fails, dropping the receiver lets the reader end.
    let staged = staged.await;
    drop(messages);
    let told = reader.await.map_err(|_| "the reader broke off".to_owned())?;
    staged.map_err(failed)?;
    let told = told.map_err(|error| error.to_string())?;
    let merging = merge::Merging { transaction: &transaction, stages: &stages, source: id, batch, file };
    let counts = merge::merge(&merging).await.map_err(failed)?;
    let report = FileReport {
        file: input.name().to_owned(),
        source: Some(id.to_owned()),
        batch: lineage.map(|(batch, _)| batch),
        read: told.read,
        inserted: counts.inserted,
        updated: counts.updated,
        unchanged: counts.unchanged,
        rejected: told.rejected + counts.rejected,
        warnings: told.warnings.iter().map(|warning| warning.occurrences).sum::<u64>() + counts.warnings.len() as u64,
        redacted: told.redacted,
        seconds: began.elapsed().as_secs_f64(),
        error: None,
        unmapped: told.unmapped,
        details: told.warnings.into_iter().chain(counts.warnings).collect(),
    };
    if !report.is_accounted() {
        return Err(format!("the counts do not add up ({}); nothing was stored; please report this", report.summary()));
    }
    if options.dry_run {
        transaction.rollback().await.map_err(failed)?;
        return Ok(report);
    }
    note(&transaction, &report, batch, file, began).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(report)
}

/// Counts and warnings of the file, in the same transaction as its records.
async fn note(
    transaction: &Transaction<'_>,
    report: &FileReport,
    batch: i32,
    file: i32,
    began: Instant,
) -> Result<(), tokio_postgres::Error> {
    for warning in &report.details {
        transaction
            .execute(
                "insert into meta.warning (file_id, batch_id, code, column_name, value, message, first_row, occurrences) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    &file,
                    &batch,
                    &warning.code,
                    &warning.column,
                    &warning.value,
                    &warning.message,
                    &(warning.first_row as i64),
                    &(warning.occurrences as i64),
                ],
            )
            .await?;
    }
    let numbers = [
        report.read,
        report.inserted,
        report.updated,
        report.unchanged,
        report.rejected,
        report.warnings,
        report.unmapped,
        report.redacted,
    ]
    .map(|count| count as i64);
    transaction
        .execute(
            "update meta.file set status = 'LOADED', finished_at = clock_timestamp(), read = $2, inserted = $3, updated = $4, unchanged = $5, \
             rejected = $6, warnings = $7, unmapped = $8, redacted = $9, seconds = $10 where file_id = $1",
            &[
                &file, &numbers[0], &numbers[1], &numbers[2], &numbers[3], &numbers[4], &numbers[5], &numbers[6], &numbers[7],
                &began.elapsed().as_secs_f64(),
            ],
        )
        .await?;
    Ok(())
}

fn database_error(error: &tokio_postgres::Error) -> String {
    let said = said(error);
    match error.code().map(tokio_postgres::error::SqlState::code) {
        Some("53100") => format!("the database's disk is full ({said}); nothing was stored; make room and load again"),
        Some(code) if code.starts_with("57P") => {
            format!("the database went away ({said}); nothing was stored; load again")
        }
        Some(_) => format!("the database refused it ({said}); nothing was stored"),
        None => format!("the connection to the database was lost ({said}); nothing was stored; load again"),
    }
}
