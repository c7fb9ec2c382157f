//! Reads the tables of a snapshot in parallel, over two connections at one moment of the warehouse.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::sql_query;
use diesel::sql_types::{Double, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{Connection, OpenTransaction, RunStatement};
use tokio::sync::watch;

use super::events::Events;
use super::frame::{self, Frame};
use super::frames::Frames;
use super::insert_only::{Change, Reach, patched, touched};
use super::names::SharedNames;
use super::read::{Filling, columns};
use super::statement::Restricted;
use super::tables::{EVENT_SOURCES, TableDefinition, tables};
use super::{TableRefresh, validity};

/// A loaded table.
pub(super) type LoadedTable = (&'static str, Arc<Frame>, TableRefresh);

/// The events, and true if all earlier events are unchanged.
type KnownRows = (Arc<Events>, bool);

/// The tables of the last snapshot, which are reused where they are unchanged.
pub(super) struct KnownTables {
    pub frames: Frames,
    pub reach: Reach,
    pub events: Arc<Events>,
}

/// The queue of tables to read, shared by the connections.
pub(super) struct TableQueue {
    pub names: SharedNames,
    /// The tables of the last snapshot, and the changes since then.
    last: Option<(KnownTables, BTreeMap<String, Change>)>,
    /// Tables that nobody has begun to read, the largest last.
    left: Mutex<Vec<&'static TableDefinition>>,
    events: watch::Sender<Option<KnownRows>>,
}

impl TableQueue {
    /// Queues all tables, ordered by Postgres's own estimate of their size.
    pub async fn plan(
        transaction: &OpenTransaction<'_>,
        names: SharedNames,
        reach: &Reach,
        last: Option<KnownTables>,
    ) -> Result<Self, SchemaError> {
        let sql = "select n.nspname || '.' || c.relname, c.reltuples::float8 from pg_class c join \
            pg_namespace n on n.oid = c.relnamespace \
                   where c.relkind = 'r' and n.nspname in ('warehouse', 'meta')";
        let sizes: Vec<(String, f64)> =
            transaction.rows::<(Text, Double), _>(sql_query(sql)).await?;
        let sizes: BTreeMap<String, f64> = sizes.into_iter().collect();
        let size = |table: &TableDefinition| {
            table.sources.iter().filter_map(|source| sizes.get(source.table)).sum::<f64>()
        };
        let mut left: Vec<&TableDefinition> = tables().collect();
        left.sort_by(|one, two| size(one).total_cmp(&size(two)));
        let changes = match &last {
            Some(last) => reach.since(&last.reach, transaction).await?,
            None => None,
        };
        let last = last.zip(changes);
        Ok(Self { names, last, left: Mutex::new(left), events: watch::channel(None).0 })
    }

    /// Reads the events, which all facts depend on.
    pub async fn events(&self, transaction: &OpenTransaction<'_>) -> Result<(), SchemaError> {
        let touched = match &self.last {
            Some((_, changes)) => touched(transaction, changes, EVENT_SOURCES).await?,
            None => None,
        };
        let known = match touched.zip(self.last.as_ref()) {
            Some((keys, (last, _))) if keys.is_empty() => (Arc::clone(&last.events), true),
            Some((keys, (last, _))) => {
                let (events, is_unchanged) =
                    last.events.patched(transaction, &self.names, &keys).await?;
                (Arc::new(events), is_unchanged)
            }
            None => (Arc::new(Events::read(transaction, &self.names).await?), false),
        };
        self.events.send_replace(Some(known));
        Ok(())
    }

    /// Waits for the events and returns them.
    pub async fn known_events(&self) -> Result<KnownRows, SchemaError> {
        let gone = || SchemaError::Database("snapshot: the events could not be read".into());
        let mut known = self.events.subscribe();
        let events = known.wait_for(Option::is_some).await.map_err(|_| gone())?.clone();
        events.ok_or_else(gone)
    }

    /// Reads tables until the queue is empty.
    pub async fn tables(
        &self,
        transaction: &OpenTransaction<'_>,
    ) -> Result<Vec<LoadedTable>, SchemaError> {
        let mut read = Vec::new();
        let next = || self.left.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while let Some(definition) = next() {
            let began = std::time::Instant::now();
            let table = self.table(transaction, definition).await?;
            tracing::debug!(
                table = table.0,
                rows = table.1.data.height(),
                taken = ?table.2,
                took_ms = began.elapsed().as_millis() as u64,
                "read"
            );
            read.push(table);
        }
        Ok(read)
    }

    async fn table(
        &self,
        transaction: &OpenTransaction<'_>,
        definition: &'static TableDefinition,
    ) -> Result<LoadedTable, SchemaError> {
        let name = definition.name;
        let known = self
            .last
            .as_ref()
            .and_then(|(last, changes)| Some((last.frames.tables.get(name)?, changes)));
        let part = match known {
            Some((frame, changes)) => {
                let keys = touched(transaction, changes, definition.sources).await?;
                keys.map(|keys| (frame, keys))
            }
            None => None,
        };
        let Some((frame, keys)) = part else {
            let rows = Restricted { sql: definition.sql, keys: None };
            let filled: Vec<Filling> =
                columns(transaction, &rows, definition.columns, &self.names).await?;
            let (events, _) = self.known_events().await?;
            let frame = frame::build(definition, filled, &events, &self.names)?;
            let frame = if name == "actions" {
                validity::dated(transaction, frame, None).await?
            } else {
                frame
            };
            return Ok((name, Arc::new(frame), TableRefresh::Full));
        };
        let (events, is_unchanged) = self.known_events().await?;
        let mut frame = Arc::clone(frame);
        let taken = if keys.is_empty() { TableRefresh::Reused } else { TableRefresh::Partial };
        if taken == TableRefresh::Partial {
            let with = (&*events, &self.names);
            frame = Arc::new(patched(transaction, definition, &frame, &keys, with).await?);
        }
        if !is_unchanged && !definition.event.is_empty() {
            frame = Arc::new(frame::renewed(definition, &frame, &events)?);
        }
        Ok((name, frame, taken))
    }
}

/// Turns off just-in-time compilation, which costs these statements more than it saves.
pub(super) const NO_COMPILATION: &str = "set local jit = off";

/// Opens a second connection; `None` if the database allows no more.
pub(super) async fn second(url: &str) -> Option<Connection> {
    Connection::open(url)
        .await
        .inspect_err(|error| tracing::debug!(%error, "reading over one connection"))
        .ok()
}

/// Reads tables over the second connection. It begins with the events, while the first begins with
/// the largest table.
pub(super) async fn read_tables(
    mut connection: Connection,
    moment: String,
    work: Arc<TableQueue>,
) -> Result<Vec<LoadedTable>, SchemaError> {
    let transaction = connection.join_snapshot(&moment).await?;
    transaction.run_batch(NO_COMPILATION).await?;
    work.events(&transaction).await?;
    work.tables(&transaction).await
}
