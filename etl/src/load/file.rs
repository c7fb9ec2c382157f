//! Loads one file: opens, stages, merges and records it in one transaction, or rejects all of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use hotwash_schema::SchemaError;
use hotwash_schema::error::said;
use tokio_postgres::{Client, Transaction};

use super::failure::Failure;
use super::session::Session;
use super::{FileReport, Options, Progress, Sink, merge, stage};
use crate::input::Input;
use crate::lookup::Lookup;
use crate::source::{Source, SourceError};

/// Loads one file with the given source, and records a failure.
pub async fn load(
    session: &mut Session,
    lookup: &Arc<Lookup>,
    input: &Input,
    source: &'static dyn Source,
    batch: Option<i32>,
    options: &Options,
    progress: &dyn Progress,
) -> FileReport {
    progress.start_file(input.name(), input.bytes());
    let id = source.definition().id;
    let failed = |failure: Failure| {
        let mut report = FileReport::failed(input.name(), batch, failure);
        report.source = Some(id.into());
        report
    };
    let file_id = match batch {
        Some(batch) => match insert_file(&session.client, batch, input, id, options).await {
            Ok(file_id) => Some(file_id),
            Err(error) => return failed(error.into()),
        },
        None => None,
    };
    match run(session, lookup, input, source, batch.zip(file_id), options, progress).await {
        Ok(report) => report,
        Err(failure) => record_failure(&session.client, file_id, failed(failure)).await,
    }
}

/// Records files that no source recognizes, all in one statement. Each statement raises the
/// warehouse's version, upon which servers read it again.
pub async fn record_rejected(client: &Client, batch: i32, rejected_file: &[(&Input, &str)]) {
    if rejected_file.is_empty() {
        return;
    }
    let names: Vec<&str> = rejected_file.iter().map(|(input, _)| input.name()).collect();
    let bytes: Vec<i64> = rejected_file.iter().map(|(input, _)| input.bytes() as i64).collect();
    let errors: Vec<&str> = rejected_file.iter().map(|(_, error)| *error).collect();
    let sql = "insert into meta.file (batch_id, name, bytes, status, error, finished_at) \
         select $1, f.name, f.bytes, 'FAILED', f.error, now() from unnest($2::text[], \
         $3::bigint[], $4::text[]) as f (name, bytes, error)";
    if let Err(error) = client.execute(sql, &[&batch, &names, &bytes, &errors]).await {
        tracing::warn!(error = %said(&error), "rejected files could not be recorded in the \
            warehouse");
    }
}

/// Records that a file begins, without waiting for the disk. If the database crashes, this row is
/// lost together with the file.
pub(super) async fn insert_file(
    client: &Client,
    batch: i32,
    input: &Input,
    source: &str,
    options: &Options,
) -> Result<i32, SchemaError> {
    let hashed = input.clone();
    let digest: Option<String> = tokio::task::spawn_blocking(move || hashed.digest())
        .await
        .ok()
        .and_then(|digest| digest.ok());
    let row = client
        .query_one(
            "insert into meta.file (batch_id, name, source, bytes, fictional, digest) values ($1, \
             $2, $3, $4, $5, $6) \
             returning file_id, set_config('synchronous_commit', 'off', true)",
            &[&batch, &input.name(), &source, &(input.bytes() as i64), &options.fictional, &digest],
        )
        .await?;
    Ok(row.get(0))
}

/// Records a failed file. Recording can fail as well if the database is the cause.
async fn record_failure(client: &Client, file_id: Option<i32>, report: FileReport) -> FileReport {
    let Some(file_id) = file_id else { return report };
    let sql = "update meta.file set status = 'FAILED', error = $2, finished_at = now() where \
        file_id = $1";
    if let Err(error) = client.execute(sql, &[&file_id, &report.error]).await {
        tracing::warn!(error = %said(&error), "the failure could not be noted in the warehouse");
    }
    report
}

/// Settings for the merge, which runs a few large statements over temporary tables. Compiling them
/// takes longer than running them, and a small sample describes their keys well enough.
const SESSION_SETTINGS: &str =
    "set local jit = off; set local work_mem = '128MB'; set local default_statistics_target = 10";

pub(super) async fn run(
    session: &mut Session,
    lookup: &Arc<Lookup>,
    input: &Input,
    source: &'static dyn Source,
    lineage: Option<(i32, i32)>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<FileReport, Failure> {
    let failed = |error: tokio_postgres::Error| Failure::from(&error);
    let began = Instant::now();
    // The reader starts while the database prepares. If that fails, dropping the receiver ends the
    // reader.
    let (mut sink, mut messages) = Sink::new();
    let (reading, lists) = (input.clone(), Arc::clone(lookup));
    let reader = tokio::task::spawn_blocking(move || {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            source.read(&reading, &lists, &mut sink)
        }));
        match outcome {
            Ok(Ok(())) => sink.finish(),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(SourceError::Unreadable(
                "the file broke its reader, which is our fault; please report its layout".into(),
            )),
        }
    });
    let (transaction, temp_tables) = session.begin().await.map_err(failed)?;
    let id = source.definition().id;
    let locked = format!("{SESSION_SETTINGS}; select pg_advisory_xact_lock(hashtext('{id}'))");
    transaction.batch_execute(&locked).await.map_err(failed)?;
    let (batch, file) = match lineage {
        Some(ids) => ids,
        None => {
            let row = transaction
                .query_one(
                    "with batch as (insert into meta.batch (tool_version) values ('dry run') \
                     returning batch_id) \
                     insert into meta.file (batch_id, name, source) select batch_id, $1, $2 from \
                     batch returning batch_id, file_id",
                    &[&input.name(), &id],
                )
                .await
                .map_err(failed)?;
            (row.get(0), row.get(1))
        }
    };
    let read = input.progress();
    let mut stages = stage::Stages::default();
    let staged = async {
        while let Some((table, chunk)) = messages.recv().await {
            stages.copy(&transaction, temp_tables, table, chunk).await?;
            progress.advance(read.load(Ordering::Relaxed));
        }
        stages.finish(&transaction, temp_tables).await
    };
    let staged = staged.await;
    drop(messages);
    let totals = reader.await.map_err(|_| "the reader broke off".to_owned())?;
    staged.map_err(failed)?;
    let totals = totals.map_err(|error| error.to_string())?;
    if totals.read == 0 && options.source.is_some() {
        let definition = source.definition();
        return Err(format!(
            "nothing in this file can be read as {id} ({}), which has the headings {}; without \
             --source the file's own are looked at",
            definition.title,
            definition.headings.join(", ")
        )
        .into());
    }
    let merging = merge::MergeContext {
        transaction: &transaction,
        temp_tables,
        stages: &stages,
        source: id,
        batch,
        file,
        not_same_as: &options.not_same_as,
        // A document whose event was rejected replaces no other version.
        complete_documents: source.is_complete()
            && stages.has(super::stage::StageTable::Records(&hotwash_schema::record::EVENT)),
    };
    let counts = merge::merge(&merging).await.map_err(failed)?;
    let report = FileReport {
        file: input.name().to_owned(),
        source: Some(id.to_owned()),
        batch: lineage.map(|(batch, _)| batch),
        read: totals.read,
        inserted: counts.inserted,
        updated: counts.updated,
        unchanged: counts.unchanged,
        rejected: totals.rejected + counts.rejected,
        warnings: totals.warnings.iter().map(|warning| warning.occurrences).sum::<u64>()
            + counts.warnings.len() as u64,
        redacted: totals.redacted,
        seconds: began.elapsed().as_secs_f64(),
        error: None,
        may_load_later: false,
        unmapped: totals.unmapped,
        details: totals.warnings.into_iter().chain(counts.warnings).collect(),
        columns: totals.columns,
    };
    if !report.is_accounted() {
        let message = format!(
            "the counts do not add up ({}); nothing was stored; please report this",
            report.summary()
        );
        return Err(message.into());
    }
    // A dry run records its counts too, so that it fails on the same values that a load fails on.
    record_counts(&transaction, &report, batch, file, began).await.map_err(failed)?;
    if options.dry_run {
        transaction.rollback().await.map_err(failed)?;
        return Ok(report);
    }
    transaction.commit().await.map_err(|error| Failure::of_commit(&error))?;
    temp_tables.mark_committed();
    Ok(report)
}

/// Records counts and warnings of the file in the same transaction as its records.
async fn record_counts(
    transaction: &Transaction<'_>,
    report: &FileReport,
    batch: i32,
    file: i32,
    began: Instant,
) -> Result<(), tokio_postgres::Error> {
    if !report.details.is_empty() {
        let warnings = &report.details;
        transaction
            .execute(
                "insert into meta.warning (file_id, batch_id, code, column_name, value, message, \
                 first_row, occurrences) \
                 select $1, $2, w.* from unnest($3::text[], $4::text[], $5::text[], $6::text[], \
                 $7::bigint[], $8::bigint[]) as w",
                &[
                    &file,
                    &batch,
                    &warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(),
                    &warnings.iter().map(|warning| &warning.column).collect::<Vec<_>>(),
                    &warnings.iter().map(|warning| &warning.value).collect::<Vec<_>>(),
                    &warnings.iter().map(|warning| &warning.message).collect::<Vec<_>>(),
                    &warnings.iter().map(|warning| warning.first_row as i64).collect::<Vec<_>>(),
                    &warnings.iter().map(|warning| warning.occurrences as i64).collect::<Vec<_>>(),
                ],
            )
            .await?;
    }
    if !report.columns.is_empty() {
        let columns = &report.columns;
        let samples: Vec<String> = columns.iter().map(|column| column.samples.join("\n")).collect();
        transaction
            .execute(
                "insert into meta.file_column (file_id, number, sheet, position, heading, fate, \
                 field, filled, samples, nearest, read_instead) \
                 select $1, c.number, nullif(c.sheet, ''), c.position, c.heading, c.fate, c.field, \
                 c.filled, \
                     case c.samples when '' then '{}' else string_to_array(c.samples, chr(10)) \
                     end, c.nearest, c.read_instead \
                 from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], \
                 $7::bigint[], $8::text[], $9::text[], $10::int[]) \
                     with ordinality as c(sheet, position, heading, fate, field, filled, samples, \
                     nearest, read_instead, number)",
                &[
                    &file,
                    &columns
                        .iter()
                        .map(|column| column.sheet.as_deref().map(without_null_bytes))
                        .collect::<Vec<_>>(),
                    &columns.iter().map(|column| column.position as i32).collect::<Vec<_>>(),
                    &columns
                        .iter()
                        .map(|column| without_null_bytes(&column.heading))
                        .collect::<Vec<_>>(),
                    &columns.iter().map(|column| column.fate.code()).collect::<Vec<_>>(),
                    &columns.iter().map(|column| &column.field).collect::<Vec<_>>(),
                    &columns.iter().map(|column| column.filled as i64).collect::<Vec<_>>(),
                    &samples.iter().map(|sample| without_null_bytes(sample)).collect::<Vec<_>>(),
                    &columns.iter().map(|column| &column.nearest).collect::<Vec<_>>(),
                    &columns
                        .iter()
                        .map(|column| column.read_instead.map(|index| index as i32))
                        .collect::<Vec<_>>(),
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
            "update meta.file set status = 'LOADED', finished_at = clock_timestamp(), read = $2, \
             inserted = $3, updated = $4, unchanged = $5, \
             rejected = $6, warnings = $7, unmapped = $8, redacted = $9, seconds = $10 where \
             file_id = $1",
            &[
                &file,
                &numbers[0],
                &numbers[1],
                &numbers[2],
                &numbers[3],
                &numbers[4],
                &numbers[5],
                &numbers[6],
                &numbers[7],
                &began.elapsed().as_secs_f64(),
            ],
        )
        .await?;
    Ok(())
}

/// Removes null bytes, which Postgres cannot store in text.
fn without_null_bytes(text: &str) -> String {
    text.replace('\0', "")
}
