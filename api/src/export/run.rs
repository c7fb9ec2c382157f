//! Runs a planned export, in constant memory.

use bytes::Bytes;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::{AsyncConnectionCore as _, SimpleAsyncConnection as _};
use futures::StreamExt;
use hotwash_graphql::error::Code;
use hotwash_graphql::pool::Statement;
use hotwash_graphql::snapshot_moved;
use hotwash_graphql::sql::CopyStatement;
use hotwash_metrics::Snapshot;
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{self, Connection, OpenTransaction, RowFormat, RunStatement};
use hotwash_schema::pool;
use hotwash_schema::status::generation_and_version;
use tokio::sync::mpsc;

use super::format::broken_off;
use super::plan::Export;
use super::{ExportError, Format, write};

/// Chunks of an export; a slow client slows down the database.
pub type Pieces = mpsc::Receiver<Result<Bytes, std::io::Error>>;

/// Settings of a connection that exports.
const SET: &str = "set default_transaction_read_only = on; set jit = off; set \
    standard_conforming_strings = on; set datestyle = iso; set timezone = 'UTC'";

/// Runs an export of the records of a snapshot.
///
/// # Errors
/// Fails when they have changed since, and as [`run`].
pub async fn run_at(url: &str, export: Export, of: &Snapshot) -> Result<Pieces, ExportError> {
    let mut connection = Connection::open(url).await?;
    let database = |error: copy::Error| ExportError::Database(error.into());
    let transaction = connection.begin_snapshot().await.map_err(database)?;
    unchanged_since(of, &transaction).await?;
    let moment = transaction.export_snapshot().await.map_err(database)?;
    run(url, export, Some(&moment)).await
}

/// Checks that a transaction sees the warehouse as a snapshot read it.
///
/// # Errors
/// Fails when it has changed since, or the database is unavailable.
pub async fn unchanged_since(
    snapshot: &Snapshot,
    transaction: &OpenTransaction<'_>,
) -> Result<(), ExportError> {
    let read = transaction.row::<(BigInt, BigInt), (i64, i64)>(generation_and_version()).await;
    let (generation, present) = read.map_err(|error| ExportError::Database(error.into()))?;
    if generation == snapshot.generation() {
        return Ok(());
    }
    Err(ExportError::Coded(Code::SnapshotMoved, snapshot_moved(snapshot.version, present)))
}

/// Runs an export. `moment` is the exported moment of an open transaction. Without it, the export
/// sees the present state.
///
/// # Errors
/// Fails when the database is unavailable or rejects the statement.
pub async fn run(url: &str, export: Export, moment: Option<&str>) -> Result<Pieces, ExportError> {
    let Export { columns, select, options, .. } = export;
    let begin = moment.map_or_else(String::new, |moment| {
        ["; begin isolation level repeatable read; set transaction snapshot '", moment, "'"]
            .concat()
    });
    let set = [SET, &begin].concat();
    let (sender, receiver) = mpsc::channel(8);
    if matches!(options.format, Format::Parquet | Format::Arrow) {
        let mut connection = pool::connection(url).await?;
        let begun = connection.batch_execute(&set).await.map_err(SchemaError::from);
        pool::or_lost(&mut connection, begun).await?;
        let rows = connection.load(Statement::unprepared(&select)).await;
        let rows = pool::or_lost(&mut connection, rows.map_err(SchemaError::from)).await?;
        tokio::spawn(async move {
            // Keep the connection until its rows are read.
            let _connection = connection;
            write::stream(options.format, columns, rows, sender).await;
        });
        return Ok(receiver);
    }
    let copy = CopyStatement::of(&select);
    let connection = Connection::open(url).await?;
    let database = |error: copy::Error| ExportError::Database(error.into());
    connection.run_batch(&set).await.map_err(database)?;
    let values = sql_query(CopyStatement::SET).bind::<Array<Text>, _>(&copy.values);
    connection.execute(values).await.map_err(database)?;
    let rows = if options.format == Format::Csv { RowFormat::Csv } else { RowFormat::JsonLines };
    let mut stream = connection.copy_out(&copy, rows).await.map_err(database)?;
    tokio::spawn(async move {
        // Keep the connection until its rows are read.
        let _connection = connection;
        while let Some(piece) = stream.next().await {
            if sender.send(piece.map_err(broken_off)).await.is_err() {
                break;
            }
        }
    });
    Ok(receiver)
}
