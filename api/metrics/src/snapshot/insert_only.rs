//! Incremental refresh: finds the changes since a snapshot from table versions, and reads only
//! changed rows of insert-only tables.

use std::collections::BTreeMap;

use diesel::QueryDsl;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{OpenTransaction, RunStatement};
use hotwash_schema::tables::table_version;
use polars::prelude::{BooleanChunked, Int64Chunked, NewChunkedArray, PolarsError};

use super::events::Events;
use super::frame::{self, Frame};
use super::names::SharedNames;
use super::read::{self, Filling};
use super::statement::{CountNew, Moment, NewRows, Restricted, TouchedKeys};
use super::tables::{GROWING, SourceTable, TableDefinition, Touches, is_list};
use super::validity;

/// Number of column chunks above which they are merged.
const PIECES: usize = 8;

/// Number of rows above which reading the complete table is as fast.
const MANY: usize = 200_000;

/// Rows inserted into and rewritten in a table, as counted by its triggers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TableCounters {
    pub version: i64,
    inserted: i64,
    /// Updated or deleted.
    rewritten: i64,
}

/// Table versions that a snapshot includes.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    pub written: BTreeMap<String, TableCounters>,
    last_keys: BTreeMap<String, i64>,
    /// First transaction whose rows the snapshot may have missed, and the later ones that it saw.
    horizon: i64,
    moment: String,
}

impl Reach {
    /// Returns a reach that knows only the versions of tables.
    #[cfg(feature = "engine")]
    pub fn of(versions: &BTreeMap<String, i64>) -> Self {
        let written = |(table, version): (&String, &i64)| {
            (table.clone(), TableCounters { version: *version, ..TableCounters::default() })
        };
        Self { written: versions.iter().map(written).collect(), ..Self::default() }
    }

    /// Reads the current table versions.
    pub async fn read(transaction: &OpenTransaction<'_>) -> Result<Self, SchemaError> {
        let mut reach = Self::default();
        let versions = table_version::table.select((
            table_version::table_name,
            table_version::version,
            table_version::inserted,
            table_version::rewritten,
        ));
        let versions: Vec<(String, i64, i64, i64)> =
            transaction.rows::<(Text, BigInt, BigInt, BigInt), _>(versions).await?;
        for (table, version, inserted, rewritten) in versions {
            reach.written.insert(table, TableCounters { version, inserted, rewritten });
        }
        let last_keys: Vec<i64>;
        (reach.horizon, reach.moment, last_keys) =
            transaction.row::<(BigInt, Text, Array<BigInt>), _>(Moment(&GROWING)).await?;
        reach.last_keys = GROWING.iter().map(|(table, _)| table.clone()).zip(last_keys).collect();
        Ok(reach)
    }

    /// Returns the changes since an earlier reach. Returns `None` if a list that all tables depend
    /// on has changed.
    pub async fn since(
        &self,
        before: &Self,
        transaction: &OpenTransaction<'_>,
    ) -> Result<Option<BTreeMap<String, Change>>, SchemaError> {
        let mut changes = BTreeMap::new();
        for (table, now) in &self.written {
            let then = before.written.get(table).copied().unwrap_or_default();
            if *now == then {
                continue;
            }
            if is_list(table) {
                return Ok(None);
            }
            let growing = GROWING.iter().find(|(name, _)| name == table);
            let inserted = now.inserted - then.inserted;
            let change = match growing {
                Some((name, key))
                    if now.rewritten == then.rewritten
                        && inserted > 0
                        && inserted <= MANY as i64 =>
                {
                    let last = before.last_keys.get(name).copied().unwrap_or_default();
                    let behind = NewRows::Behind { key: key.clone(), last };
                    let later =
                        NewRows::Unseen { horizon: before.horizon, moment: before.moment.clone() };
                    if counted(transaction, name, &behind).await? == inserted {
                        Change::Inserted(behind)
                    } else if counted(transaction, name, &later).await? == inserted {
                        Change::Inserted(later)
                    } else {
                        Change::Rewritten
                    }
                }
                _ => Change::Rewritten,
            };
            changes.insert(table.clone(), change);
        }
        // A table that is missing from the new versions is treated as rewritten.
        let forgotten = before.written.keys().filter(|table| !self.written.contains_key(*table));
        changes.extend(forgotten.map(|table| (table.clone(), Change::Rewritten)));
        Ok(Some(changes))
    }
}

async fn counted(
    transaction: &OpenTransaction<'_>,
    table: &str,
    new: &NewRows,
) -> Result<i64, SchemaError> {
    Ok(transaction.row::<BigInt, _>(CountNew { table, new }).await?)
}

/// Change of a table.
///
/// The triggers count the inserted rows, and show that none was updated or deleted. Earlier rows
/// have keys up to the last key of that time, and transactions before its horizon. Rows with later
/// keys or later transactions are new if their number equals the inserted rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Inserts only; this condition selects the new rows.
    Inserted(NewRows),
    /// Any row may have changed.
    Rewritten,
}

/// Returns the keys to read again after these changes; `None` if all rows must be read.
pub(super) async fn touched(
    transaction: &OpenTransaction<'_>,
    changes: &BTreeMap<String, Change>,
    sources: &[SourceTable],
) -> Result<Option<Vec<i64>>, SchemaError> {
    let mut keys: Vec<i64> = Vec::new();
    for source in sources {
        match (changes.get(source.table), source.touches) {
            (None, _) | (Some(Change::Inserted(_)), Touches::Nothing) => {}
            (Some(Change::Inserted(new)), Touches::By(_) | Touches::Through(_)) => {
                let touched = TouchedKeys { source, new };
                let new: Vec<Option<i64>> =
                    transaction.rows::<Nullable<BigInt>, _>(touched).await?;
                keys.extend(new.into_iter().flatten());
            }
            (Some(_), _) => return Ok(None),
        }
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(Some(keys).filter(|keys| keys.len() <= MANY))
}

/// Returns a frame with the rows of these keys read again.
pub(super) async fn patched(
    transaction: &OpenTransaction<'_>,
    definition: &TableDefinition,
    frame: &Frame,
    keys: &[i64],
    (events, names): (&Events, &SharedNames),
) -> Result<Frame, SchemaError> {
    let internal = |error: PolarsError| SchemaError::Database(format!("snapshot: {error}"));
    let begun =
        definition.columns.iter().map(|(name, kind)| Filling::after(*kind, frame.labels.get(name)));
    let rows = Restricted { sql: definition.sql, keys: Some(keys) };
    let filled = read::fill(transaction, &rows, definition.columns, names, begun.collect()).await?;
    let mut added = frame::build(definition, filled, events, names)?;
    if definition.name == "actions" {
        added = validity::dated(transaction, added, Some(keys)).await?;
    }
    let of_rows = frame
        .data
        .column(definition.by)
        .and_then(|column| column.i64().cloned())
        .map_err(internal)?;
    let mut data = match retained_rows(&of_rows, keys) {
        Some(retained_rows) => frame.data.filter(&retained_rows).map_err(internal)?,
        None => frame.data.clone(),
    };
    data.vstack_mut(&added.data).map_err(internal)?;
    if data.first_col_n_chunks() > PIECES {
        data.rechunk_mut();
    }
    Ok(Frame { data, labels: added.labels })
}

/// Returns a mask of the rows with none of these sorted keys; `None` if it retains all rows.
fn retained_rows(of_rows: &Int64Chunked, keys: &[i64]) -> Option<BooleanChunked> {
    let (first, last) = (*keys.first()?, *keys.last()?);
    let mut found = false;
    let retained_rows: Vec<bool> = of_rows
        .iter()
        .map(|key| {
            let gone = key
                .is_some_and(|key| first <= key && key <= last && keys.binary_search(&key).is_ok());
            found |= gone;
            !gone
        })
        .collect();
    found.then(|| BooleanChunked::from_slice("kept".into(), &retained_rows))
}
