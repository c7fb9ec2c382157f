//! Column cache: computes aggregates over large record types from columns in memory instead of
//! Postgres.
//!
//! A column is read once Postgres has spent as much time on queries that need it as reading may
//! take. The total is at most twice the time, and only large, frequently queried types are cached.
//! A new warehouse generation clears the cache. If memory is full, the least recently used types
//! are evicted. This file decides which columns are read; `hotwash_cache` stores them.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_graphql::Error;
use hotwash_cache::{Cache, CacheBudget, CacheStatus, Part};
use hotwash_metrics::columns::{ColumnTable, CountedGroups, Counting, Test, ValueKind};

use super::entity::{Entity, TableJoin};
use super::pool::{Planning, QueryPool};
use super::scalar::ScalarKind;
use super::shape::RowReader as _;
use super::sql::{Condition, CopyStatement, Expression, Select, key, parts};

/// Alias of the type's own table.
pub const ALIAS: &str = "t1";
/// Maximum number of columns of a type whose query time is recorded.
const MOST_COLUMNS: usize = 500;

/// Column that a query needs.
#[derive(Clone, Debug)]
pub struct WantedColumn {
    expression: Expression,
    kind: ValueKind,
    /// Joins in addition to those of the type.
    joins: &'static [TableJoin],
}

impl WantedColumn {
    /// Returns whether the joins may repeat a record.
    fn widens(&self) -> bool {
        self.joins.first().is_some_and(|join| join.is_optional)
    }
}

/// Aggregate query over cached columns.
#[derive(Debug)]
pub struct ColumnQuery {
    entity: &'static Entity,
    /// Columns by the key of their expression.
    columns: BTreeMap<String, WantedColumn>,
    /// Filter, keys and measures.
    pub counting: Counting,
}

/// Record type, and the joins that repeat its rows.
type Rows = (&'static str, Vec<&'static [TableJoin]>);

impl ColumnQuery {
    /// Creates a query over a record type.
    pub fn of(entity: &'static Entity) -> Self {
        Self { entity, columns: BTreeMap::new(), counting: Counting::default() }
    }

    /// Adds a column: an expression over [`ALIAS`]. Returns its key.
    pub fn want(
        &mut self,
        expression: Expression,
        kind: ValueKind,
        joins: &'static [TableJoin],
    ) -> String {
        let column = key(&expression);
        self.columns.entry(column.clone()).or_insert(WantedColumn { expression, kind, joins });
        column
    }

    /// Adds a condition that Postgres evaluates once per record.
    pub fn computed_by_postgres(&mut self, condition: Condition) -> Test {
        let condition = Expression::Condition(Box::new(condition));
        Test::Holds(self.want(condition, ValueKind::Boolean, &[]))
    }

    /// Returns whether the query needs no column.
    pub fn is_bare(&self) -> bool {
        self.columns.is_empty()
    }

    fn rows(&self) -> Rows {
        let mut joins: Vec<_> =
            self.columns.values().filter(|wanted| wanted.widens()).map(|one| one.joins).collect();
        joins.sort_unstable();
        joins.dedup();
        (self.entity.name, joins)
    }
}

/// Cached columns of a record type, by the key of their expression.
struct CachedColumns {
    table: ColumnTable,
    wanted: BTreeMap<String, WantedColumn>,
}

/// Query time spent on a record type without cached columns.
#[derive(Default)]
struct Slot {
    spent: BTreeMap<String, (WantedColumn, Duration)>,
    /// True while columns are being read, or if they are too large to cache.
    closed: bool,
}

#[derive(Default)]
struct State {
    /// Sum of the versions of the warehouse's tables.
    generation: i64,
    slots: HashMap<Rows, Slot>,
}

/// Column cache at the generation of one request.
#[derive(Clone)]
pub struct PinnedColumnCache {
    cache: Arc<ColumnCache>,
    generation: i64,
}

impl PinnedColumnCache {
    /// Returns the answer if all columns are cached.
    pub async fn answer(&self, query: &ColumnQuery) -> Option<CountedGroups> {
        self.cache.answer(query, self.generation).await
    }

    /// Records the time that Postgres took, and reads the columns after enough time.
    pub fn record_postgres_time(&self, query: ColumnQuery, took: Duration) {
        self.cache.record_postgres_time(query, self.generation, took);
    }
}

/// Cache of columns by record type.
pub struct ColumnCache {
    url: String,
    pool: QueryPool,
    tables: Cache<Rows, Arc<CachedColumns>>,
    after: Duration,
    state: Mutex<State>,
    /// Lock that limits reading to one type at a time.
    reading: tokio::sync::Mutex<()>,
    answers: AtomicU64,
}

impl ColumnCache {
    /// Creates a cache for the warehouse at this address. Columns are read after Postgres has spent
    /// `after` on queries that need them.
    pub fn new(
        url: &str,
        pool: QueryPool,
        budget: &CacheBudget,
        after: Duration,
    ) -> Option<Arc<Self>> {
        let bytes = |_: &Rows, columns: &Arc<CachedColumns>| columns.table.bytes();
        let tables = Cache::of_large_entries(budget, Part::Columns, bytes);
        let (state, reading, answers) =
            (Mutex::default(), tokio::sync::Mutex::default(), AtomicU64::default());
        let is_on = tables.is_on();
        let cache = Self { url: url.to_owned(), pool, tables, after, state, reading, answers };
        is_on.then(|| Arc::new(cache))
    }

    /// Returns the cache at a generation: the sum of the versions of the warehouse's tables.
    pub fn at_generation(self: &Arc<Self>, generation: i64) -> PinnedColumnCache {
        PinnedColumnCache { cache: Arc::clone(self), generation }
    }

    /// Size and use of the cache.
    pub fn status(&self) -> CacheStatus {
        self.tables.status()
    }

    /// Returns the number of aggregates answered so far.
    pub fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    async fn answer(&self, query: &ColumnQuery, generation: i64) -> Option<CountedGroups> {
        let columns = self.find(query, generation)?;
        let counting = query.counting.clone();
        let counted = tokio::task::spawn_blocking(move || columns.table.count(&counting))
            .await
            .ok()
            .flatten();
        self.answers.fetch_add(u64::from(counted.is_some()), Ordering::Relaxed);
        counted
    }

    fn record_postgres_time(self: &Arc<Self>, query: ColumnQuery, generation: i64, took: Duration) {
        let rows = query.rows();
        let Some(mut state) = self.at(generation) else { return };
        let slot = state.slots.entry(rows.clone()).or_default();
        let cached = self.tables.peek(generation, &rows);
        let is_cached = |column: &String| {
            cached.as_ref().is_some_and(|cached| cached.wanted.contains_key(column))
        };
        let missing: Vec<(String, WantedColumn)> =
            query.columns.into_iter().filter(|(column, _)| !is_cached(column)).collect();
        if slot.spent.len() > MOST_COLUMNS {
            slot.spent.clear();
        }
        let mut is_due = true;
        for (column, wanted) in missing {
            let (_, spent) = slot.spent.entry(column).or_insert((wanted, Duration::ZERO));
            *spent += took;
            is_due &= *spent >= self.after;
        }
        if slot.closed || !is_due {
            return;
        }
        slot.closed = true;
        let mut wanted = cached.map(|cached| cached.wanted.clone()).unwrap_or_default();
        let due = slot.spent.iter().filter(|(_, (_, spent))| *spent >= self.after);
        wanted.extend(due.map(|(column, (wanted, _))| (column.clone(), wanted.clone())));
        drop(state);
        let cache = Arc::clone(self);
        tokio::spawn(async move { cache.read(query.entity, rows, wanted, generation).await });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the state at a generation, cleared if the generation is newer. Returns none if it is
    /// older.
    fn at(&self, generation: i64) -> Option<MutexGuard<'_, State>> {
        let mut state = self.state();
        if state.generation < generation {
            *state = State { generation, slots: HashMap::new() };
            self.tables.retain(|known| known == generation);
        }
        (state.generation == generation).then_some(state)
    }

    fn find(&self, query: &ColumnQuery, generation: i64) -> Option<Arc<CachedColumns>> {
        let cached = self.tables.get(generation, &query.rows())?;
        query.columns.keys().all(|column| cached.wanted.contains_key(column)).then_some(cached)
    }

    /// Reads columns and caches them, if the warehouse is unchanged.
    async fn read(
        &self,
        entity: &'static Entity,
        rows: Rows,
        wanted: BTreeMap<String, WantedColumn>,
        generation: i64,
    ) {
        let _one_at_a_time = self.reading.lock().await;
        let began = Instant::now();
        let width: usize = wanted.values().map(|wanted| wanted.kind.bytes()).sum();
        let rows_expected = match self.estimate(entity).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(
                    error = error.message,
                    of = entity.name,
                    "the size of the columns is unknown; Postgres answers"
                );
                return;
            }
        };
        if rows_expected.saturating_mul(width) > self.tables.max_bytes() {
            tracing::info!(
                of = entity.name,
                columns = wanted.len(),
                "larger than columns in memory may be"
            );
            return;
        }
        let listed: Vec<(String, ValueKind)> =
            wanted.iter().map(|(column, one)| (column.clone(), one.kind)).collect();
        let copy = CopyStatement::of(&statement(entity, &rows.1, &wanted));
        let settings = (CopyStatement::SET, copy.values.as_slice());
        match ColumnTable::read(&self.url, settings, &copy, &listed).await {
            Ok(columns) => {
                tracing::info!(
                    of = entity.name,
                    columns = wanted.len(),
                    rows = columns.rows(),
                    bytes = columns.bytes(),
                    took_ms = began.elapsed().as_millis() as u64,
                    "columns in memory"
                );
                self.store(&rows, columns, wanted, generation);
            }
            Err(error) => {
                tracing::warn!(%error, of = entity.name, "columns were not read; Postgres answers")
            }
        }
    }

    /// Returns the number of rows of a type's table, as Postgres estimates it.
    async fn estimate(&self, entity: &Entity) -> Result<usize, Error> {
        let estimate = Select {
            columns: vec![parts([
                Expression::Sql(
                    "(select greatest(reltuples, 0)::bigint from pg_class where oid = to_regclass(",
                ),
                Expression::text(entity.table),
                Expression::Sql("))"),
            ])],
            ..Select::default()
        };
        let rows = self.pool.query(&estimate, Planning::Cached).await?;
        // A table that Postgres does not know has no estimate.
        let rows = rows.first().map(|row| row.long(0)).transpose()?.flatten();
        Ok(rows.map_or(0, |rows| rows as usize))
    }

    fn store(
        &self,
        rows: &Rows,
        table: ColumnTable,
        wanted: BTreeMap<String, WantedColumn>,
        expected_generation: i64,
    ) {
        let Some(mut state) = self.at(table.generation) else { return };
        if table.bytes() > self.tables.max_bytes() || table.generation != expected_generation {
            // A new generation resets the recorded time too.
            return;
        }
        if let Some(slot) = state.slots.get_mut(rows) {
            slot.spent.retain(|column, _| !wanted.contains_key(column));
            slot.closed = false;
            let cached = Arc::new(CachedColumns { table, wanted });
            self.tables.insert(expected_generation, rows.clone(), cached);
        }
    }
}

/// Builds the statement that reads columns of a type's rows, which these joins may repeat.
fn statement(
    entity: &Entity,
    widening: &[&[TableJoin]],
    wanted: &BTreeMap<String, WantedColumn>,
) -> Select {
    let columns =
        wanted.values().map(|one| one.expression.clone().cast(kind(one.kind).sql())).collect();
    let mut joins: Vec<TableJoin> = Vec::new();
    for join in widening.iter().copied().chain(wanted.values().map(|one| one.joins)).flatten() {
        if !joins.contains(join) {
            joins.push(*join);
        }
    }
    let conditions = entity.always(ALIAS).into_iter().collect();
    entity.complete(ALIAS, &joins, Select { columns, conditions, ..Select::default() })
}

fn kind(kind: ValueKind) -> ScalarKind {
    match kind {
        ValueKind::Long => ScalarKind::Long,
        ValueKind::Int => ScalarKind::Int,
        ValueKind::Float => ScalarKind::Float,
        ValueKind::Boolean => ScalarKind::Boolean,
        ValueKind::Date => ScalarKind::Date,
        ValueKind::Text => ScalarKind::Text,
    }
}
