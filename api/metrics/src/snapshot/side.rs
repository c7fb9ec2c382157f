//! The tables of a snapshot, read side by side over two connections at one moment of the warehouse.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;
use tokio::sync::watch;
use tokio_postgres::{Client, Transaction};

use super::Snapshot;
use super::events::Events;
use super::grown::{Reach, grown, reach};
use super::names::Names;
use super::read::{self, Filling, Frame, columns};
use super::standing;
use super::tables::{EVENT_TABLES, TABLES, TableDefinition};

/// A table as it was read, and how far it reached.
pub(super) type Table = (&'static str, Arc<Frame>, Option<Reach>);

/// What is to be read, shared by the connections.
pub(super) struct Work {
    pub names: Names,
    pub versions: BTreeMap<String, i64>,
    /// The snapshot before, of which is kept what has not changed.
    pub last: Option<Snapshot>,
    /// Tables not yet begun, the largest last.
    left: Mutex<Vec<&'static TableDefinition>>,
    events: watch::Sender<Option<Arc<Events>>>,
}

impl Work {
    /// All tables, in the order of Postgres's own estimate of what lies beneath them.
    pub async fn plan(
        transaction: &Transaction<'_>,
        names: Names,
        versions: BTreeMap<String, i64>,
        last: Option<Snapshot>,
    ) -> Result<Self, SchemaError> {
        let sql = "select n.nspname || '.' || c.relname, c.reltuples::float8 from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                   where c.relkind = 'r' and n.nspname in ('warehouse', 'meta')";
        let sizes: BTreeMap<String, f64> =
            transaction.query(sql, &[]).await?.iter().map(|row| (row.get(0), row.get(1))).collect();
        let size = |table: &TableDefinition| table.tables.iter().filter_map(|name| sizes.get(*name)).sum::<f64>();
        let mut left: Vec<&TableDefinition> = TABLES.iter().collect();
        left.sort_by(|one, two| size(one).total_cmp(&size(two)));
        Ok(Self { names, versions, last, left: Mutex::new(left), events: watch::channel(None).0 })
    }

    /// The snapshot before, where none of these tables has changed since.
    fn unchanged(&self, tables: &[&str]) -> Option<&Snapshot> {
        let same = |last: &Snapshot| tables.iter().all(|table| last.versions.get(*table) == self.versions.get(*table));
        self.last.as_ref().filter(|last| same(last))
    }

    /// Reads the events, which all facts wait for.
    pub async fn events(&self, transaction: &Transaction<'_>) -> Result<(), SchemaError> {
        let events = match self.unchanged(EVENT_TABLES) {
            Some(last) => Arc::clone(&last.events),
            None => Arc::new(Events::read(transaction, &self.names).await?),
        };
        self.events.send_replace(Some(events));
        Ok(())
    }

    /// The events, as soon as they are read.
    pub async fn known_events(&self) -> Result<Arc<Events>, SchemaError> {
        let gone = || SchemaError::Database("snapshot: the events could not be read".into());
        let mut known = self.events.subscribe();
        let events = known.wait_for(Option::is_some).await.map_err(|_| gone())?.clone();
        events.ok_or_else(gone)
    }

    /// Reads tables until none is left.
    pub async fn tables(&self, transaction: &Transaction<'_>) -> Result<Vec<Table>, SchemaError> {
        let mut read = Vec::new();
        let next = || self.left.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while let Some(definition) = next() {
            let began = std::time::Instant::now();
            let table = self.table(transaction, definition).await?;
            tracing::debug!(
                table = table.0,
                rows = table.1.data.height(),
                took_ms = began.elapsed().as_millis() as u64,
                "read"
            );
            read.push(table);
        }
        Ok(read)
    }

    async fn table(
        &self,
        transaction: &Transaction<'_>,
        definition: &'static TableDefinition,
    ) -> Result<Table, SchemaError> {
        let name = definition.name;
        let before = self.last.as_ref().and_then(|last| last.reaches.get(name)).copied();
        // What facts have from their event is in them.
        let known = if definition.event.is_empty() { self.last.as_ref() } else { self.unchanged(EVENT_TABLES) };
        let known = known.and_then(|last| last.frames.get(name));
        if let Some(frame) = known.filter(|_| self.unchanged(definition.tables).is_some()) {
            return Ok((name, Arc::clone(frame), before));
        }
        let mut now = None;
        if let Some(growing) = &definition.growing {
            let reached = reach(transaction, growing, before).await?;
            now = Some(reached);
            let others: Vec<&str> = definition.tables.iter().copied().filter(|table| *table != growing.table).collect();
            if let Some((frame, before)) = known.filter(|_| self.unchanged(&others).is_some()).zip(before) {
                let with = (&*self.known_events().await?, &self.names);
                if let Some(frame) = grown(transaction, definition, growing, frame, (before, reached), with).await? {
                    return Ok((name, Arc::new(frame), now));
                }
            }
        }
        let filled: Vec<Filling> = columns(transaction, definition.sql, definition.columns, &self.names).await?;
        let frame = read::frame(definition, filled, &*self.known_events().await?, &self.names)?;
        let frame = if name == "actions" { standing::dated(transaction, frame).await? } else { frame };
        Ok((name, Arc::new(frame), now))
    }
}

/// The statements that set a connection to the moment of another.
fn at_moment(moment: &str) -> String {
    format!("set transaction snapshot '{moment}'; set local jit = off")
}

/// A transaction that sees one moment of the warehouse, and changes nothing.
pub(super) async fn begin(client: &mut Client) -> Result<Transaction<'_>, tokio_postgres::Error> {
    let one_moment = tokio_postgres::IsolationLevel::RepeatableRead;
    client.build_transaction().isolation_level(one_moment).read_only(true).start().await
}

/// A second connection at this moment; none where the database gives no other.
pub(super) async fn second(url: &str) -> Option<Client> {
    connect(url).await.inspect_err(|error| tracing::debug!(%error, "reading over one connection")).ok()
}

/// Reads beside the first connection: the events first, as the first begins with the largest table.
pub(super) async fn beside(mut client: Client, moment: String, work: Arc<Work>) -> Result<Vec<Table>, SchemaError> {
    let transaction = begin(&mut client).await?;
    transaction.batch_execute(&at_moment(&moment)).await?;
    work.events(&transaction).await?;
    work.tables(&transaction).await
}
