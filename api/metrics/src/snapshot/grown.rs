//! A table that has only grown since the last snapshot is read from where it ended: the new rows stand behind the old ones.

use std::sync::Arc;

use hotwash_schema::SchemaError;
use tokio_postgres::Transaction;

use super::events::Events;
use super::names::Names;
use super::read::{self, Filling, Frame};
use super::tables::{Growing, TableDefinition};

/// Pieces of columns beyond which they are put together.
const PIECES: usize = 8;

/// How far a table of the warehouse reached in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    rows: i64,
    last_key: i64,
    /// First transaction whose rows the snapshot may not have seen.
    horizon: i64,
    /// Rows of that transaction and later ones, as far as they were asked for.
    later: i64,
}

/// How far a table reaches, and how many of its rows are of transactions that a snapshot with this horizon may not have seen.
pub(super) async fn reach(
    transaction: &Transaction<'_>,
    growing: &Growing,
    last: Option<Reach>,
) -> Result<Reach, SchemaError> {
    let later = last.map_or_else(
        || "0".to_owned(),
        // A row's transaction is told in 32 bits; ages compare across their turn.
        |last| {
            format!(
                "count(*) filter (where age(xmin) <= (select age('{}'::xid)))",
                last.horizon.rem_euclid(1_i64 << u32::BITS)
            )
        },
    );
    let sql = format!(
        "select count(*), coalesce(max({}), 0), pg_snapshot_xmin(pg_current_snapshot())::text::bigint, ({later})::bigint from {}",
        growing.key, growing.table
    );
    let row = transaction.query_one(&sql, &[]).await?;
    Ok(Reach { rows: row.get(0), last_key: row.get(1), horizon: row.get(2), later: row.get(3) })
}

/// The frame with the rows that came since; none when rows were changed or taken away too.
///
/// Whatever is new is of a later transaction and behind the last key. Were a row changed, taken away or put between the others,
/// the table would have fewer rows than before and later together, or fewer behind the last key than later ones.
pub(super) async fn grown(
    transaction: &Transaction<'_>,
    definition: &TableDefinition,
    growing: &Growing,
    frame: &Frame,
    (before, now): (Reach, Reach),
    (events, names): (&Events, &Names),
) -> Result<Option<Frame>, SchemaError> {
    let behind = format!("select count(*) from {} where {} > {}", growing.table, growing.key, before.last_key);
    let behind: i64 = transaction.query_one(&behind, &[]).await?.get(0);
    if now.rows != before.rows + now.later || behind != now.later {
        return Ok(None);
    }
    let sql = format!("{} {} {}", definition.sql, growing.from, before.last_key);
    let kinds = definition.columns;
    let begun = kinds.iter().map(|(name, kind)| Filling::after(*kind, frame.labels.get(name)));
    let filled = read::fill(transaction, &sql, kinds, names, begun.collect()).await?;
    let added = read::frame(definition, filled, events, names)?;
    let internal = |error: polars::prelude::PolarsError| SchemaError::Database(format!("snapshot: {error}"));
    let mut data = frame.data.vstack(&added.data).map_err(internal)?;
    if data.first_col_n_chunks() > PIECES {
        data.rechunk_mut();
    }
    Ok(Some(Frame { data, labels: added.labels.into_iter().map(|(name, names)| (name, Arc::clone(&names))).collect() }))
}
