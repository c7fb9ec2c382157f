//! Loads one file: opens, stages, merges and records it in one transaction, or rejects all of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};
use diesel::{ExpressionMethods, NullableExpressionMethods, QueryDsl};
use hotwash_documents::input::Input;
use hotwash_documents::text::visible;
use hotwash_schema::SchemaError;
use hotwash_schema::functions::clock_timestamp;
use hotwash_schema::tables::file;

use super::failure::Failure;
use super::session::Session;
use super::{FileReport, Options, Progress, Sink, Warning, corrections, merge, stage};
use crate::lookup::Lookup;
use crate::source::{self, Source, SourceError};
use crate::sql::sql;
use hotwash_schema::copy::{Connection, Error, OpenTransaction, RunStatement};

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
        Some(batch) => match insert_file(&session.connection, batch, input, id, options).await {
            Ok(file_id) => Some(file_id),
            Err(error) => return failed(error.into()),
        },
        None => None,
    };
    match run(session, lookup, input, source, batch.zip(file_id), options, progress).await {
        Ok(report) => report,
        Err(failure) => record_failure(&session.connection, file_id, failed(failure)).await,
    }
}

/// Records files that no source recognizes, all in one statement.
pub async fn record_rejected(
    connection: &Connection,
    batch: i32,
    rejected_file: &[(&Input, &str)],
) {
    if rejected_file.is_empty() {
        return;
    }
    let names: Vec<&str> = rejected_file.iter().map(|(input, _)| input.name()).collect();
    let bytes: Vec<i64> = rejected_file.iter().map(|(input, _)| input.bytes() as i64).collect();
    let errors: Vec<&str> = rejected_file.iter().map(|(_, error)| *error).collect();
    let record = sql!("load/record_rejected_files.sql")
        .query()
        .bind::<Integer, _>(batch)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<BigInt>, _>(bytes)
        .bind::<Array<Text>, _>(errors);
    if let Err(error) = connection.execute(record).await {
        tracing::warn!(error = %error, "rejected files could not be recorded in the warehouse");
    }
}

/// Records that a file begins, without waiting for the disk. If the database crashes, this row is
/// lost together with the file.
pub(super) async fn insert_file(
    connection: &Connection,
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
    let begin = sql!("load/begin_file.sql")
        .query()
        .bind::<Integer, _>(batch)
        .bind::<Text, _>(input.name())
        .bind::<Text, _>(source)
        .bind::<BigInt, _>(input.bytes() as i64)
        .bind::<Bool, _>(options.fictional)
        .bind::<Nullable<Text>, _>(digest);
    let begun: Vec<(i32, String)> = connection.rows::<(Integer, Text), _>(begin).await?;
    let begun = begun.into_iter().next().ok_or(Error::from(diesel::result::Error::NotFound))?;
    Ok(begun.0)
}

/// Records a failed file. Recording can fail as well if the database is the cause.
async fn record_failure(
    connection: &Connection,
    file_id: Option<i32>,
    report: FileReport,
) -> FileReport {
    let Some(file_id) = file_id else { return report };
    let failure = diesel::update(file::table.find(file_id)).set((
        file::status.eq("FAILED"),
        file::error.eq(&report.error),
        file::finished_at.eq(diesel::dsl::now),
    ));
    if let Err(error) = connection.execute(failure).await {
        tracing::warn!(error = %error, "the failure could not be noted in the warehouse");
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
    let failed = |error: Error| Failure::from(&error);
    let began = Instant::now();
    // The reader starts while the database prepares. If that fails, dropping the receiver ends the
    // reader.
    let (mut sink, mut messages) = Sink::new();
    let (reading, lists) = (input.clone(), Arc::clone(lookup));
    let reader = tokio::task::spawn_blocking(move || {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            source::report_other_sheets(&reading, source, &mut sink);
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
    transaction.run_batch(SESSION_SETTINGS).await.map_err(failed)?;
    transaction
        .execute(sql!("load/lock_source.sql").query().bind::<Text, _>(id))
        .await
        .map_err(failed)?;
    let (batch, file) = match lineage {
        Some(ids) => ids,
        None => {
            let begin = sql!("load/begin_dry_run.sql").query();
            let begin = begin.bind::<Text, _>(input.name()).bind::<Text, _>(id);
            let begun: Result<Vec<(i32, i32)>, Error> =
                transaction.rows::<(Integer, Integer), _>(begin).await;
            let begun = begun.map_err(failed)?.into_iter().next();
            begun.ok_or_else(|| "the dry run could not begin".to_owned())?
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
    corrections::mark(&transaction, input, &report, &stages, file).await.map_err(failed)?;
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
    transaction: &OpenTransaction<'_>,
    report: &FileReport,
    batch: i32,
    file_id: i32,
    began: Instant,
) -> Result<(), Error> {
    if !report.details.is_empty() {
        let warnings = &report.details;
        let text = |field: fn(&Warning) -> Option<&str>| -> Vec<Option<&str>> {
            warnings.iter().map(field).collect()
        };
        let store = sql!("load/store_warnings.sql")
            .query()
            .bind::<Integer, _>(file_id)
            .bind::<Integer, _>(batch)
            .bind::<Array<Nullable<Text>>, _>(text(|warning| Some(warning.code.as_str())))
            .bind::<Array<Nullable<Text>>, _>(text(|warning| warning.column.as_deref()))
            .bind::<Array<Nullable<Text>>, _>(text(|warning| warning.value.as_deref()))
            .bind::<Array<Nullable<Text>>, _>(text(|warning| Some(&warning.message)))
            .bind::<Array<BigInt>, _>(
                warnings.iter().map(|warning| warning.first_row as i64).collect::<Vec<_>>(),
            )
            .bind::<Array<BigInt>, _>(
                warnings.iter().map(|warning| warning.occurrences as i64).collect::<Vec<_>>(),
            );
        transaction.execute(store).await?;
    }
    if !report.columns.is_empty() {
        let columns = &report.columns;
        let samples: Vec<String> = columns.iter().map(|column| column.samples.join("\n")).collect();
        let sheets = columns.iter().map(|column| column.sheet.as_deref().map(shown));
        let headings = columns.iter().map(|column| shown(&column.heading));
        let store = sql!("load/store_columns.sql")
            .query()
            .bind::<Integer, _>(file_id)
            .bind::<Array<Nullable<Text>>, _>(sheets.collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(
                columns.iter().map(|column| column.position as i32).collect::<Vec<_>>(),
            )
            .bind::<Array<Text>, _>(headings.collect::<Vec<_>>())
            .bind::<Array<Text>, _>(
                columns.iter().map(|column| column.fate.code()).collect::<Vec<_>>(),
            )
            .bind::<Array<Nullable<Text>>, _>(
                columns.iter().map(|column| column.field.clone()).collect::<Vec<_>>(),
            )
            .bind::<Array<BigInt>, _>(
                columns.iter().map(|column| column.filled as i64).collect::<Vec<_>>(),
            )
            .bind::<Array<Text>, _>(samples.iter().map(|sample| shown(sample)).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(
                columns.iter().map(|column| column.nearest.clone()).collect::<Vec<_>>(),
            )
            .bind::<Array<Nullable<Integer>>, _>(
                columns
                    .iter()
                    .map(|column| column.read_instead.map(|index| index as i32))
                    .collect::<Vec<_>>(),
            );
        transaction.execute(store).await?;
    }
    let counted = diesel::update(file::table.find(file_id)).set((
        file::status.eq("LOADED"),
        file::finished_at.eq(clock_timestamp().nullable()),
        file::read.eq(report.read as i64),
        file::inserted.eq(report.inserted as i64),
        file::updated.eq(report.updated as i64),
        file::unchanged.eq(report.unchanged as i64),
        file::rejected.eq(report.rejected as i64),
        file::warnings.eq(report.warnings as i64),
        file::unmapped.eq(report.unmapped as i64),
        file::redacted.eq(report.redacted as i64),
        file::seconds.eq(began.elapsed().as_secs_f64()),
    ));
    transaction.execute(counted).await?;
    Ok(())
}

fn shown(text: &str) -> String {
    visible(text).into_owned()
}
