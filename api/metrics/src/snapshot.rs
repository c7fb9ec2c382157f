//! An immutable copy of the warehouse: facts in Polars frames, dimensions in lists. Reads Postgres,
//! writes nothing.

pub(crate) mod caches;
mod companion;
mod entries;
mod events;
mod frame;
pub(crate) mod frames;
mod insert_only;
mod labels;
pub(crate) mod names;
mod organizations;
pub(crate) mod read;
pub(crate) mod series;
mod statement;
pub(crate) mod tables;
mod validity;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use caches::MetricCaches;
use chrono::{DateTime, Utc};
use companion::{KnownTables, TableQueue};
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::{QueryDsl, sql_query};
use entries::RequirementColumns;
pub use entries::{HazardEntry, RegionEntry, RequirementEntry, TableRefresh};
use events::Events;
pub(crate) use frame::Frame;
use frames::Frames;
use hotwash_cache::CacheBudget;
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{Connection, RunStatement};
use hotwash_schema::status::generation_and_version;
use hotwash_schema::tables::hazard;
use insert_only::Reach;
use names::SharedNames;
pub(crate) use series::month_column;
pub(crate) use tables::{FieldKind, HELD, STAMPS, TableDefinition, table, tables};
pub(crate) use validity::opened;

use crate::disclosure::{EventParticipants, Release};
use crate::engine::{CachingEngine, Engine, Polars};
use crate::feeds::{self, Feed};
use crate::query::{Dimension, MetricError};
use crate::tables::Manifest;

/// Returns the sum of the versions of the warehouse's tables; every change raises it.
pub(crate) async fn generation(connection: &impl RunStatement) -> Result<i64, SchemaError> {
    let (generation, _): (i64, i64) =
        connection.row::<(BigInt, BigInt), _>(generation_and_version()).await?;
    Ok(generation)
}

/// Tables of the warehouse whose records a metric counts.
type FactTables = Arc<BTreeSet<&'static str>>;

/// One version of the warehouse, pinned.
#[derive(Clone)]
pub struct Snapshot {
    /// Version of the warehouse.
    pub version: i64,
    /// Time it was read.
    pub read_at: DateTime<Utc>,
    /// Time taken to read it.
    pub took: Duration,
    /// Coalition regions and the unmapped one, by id.
    pub regions: BTreeMap<i32, RegionEntry>,
    /// Hazards by id.
    pub hazards: BTreeMap<i32, HazardEntry>,
    /// Names of capabilities by framework and code, as `PHEP:6`.
    pub capabilities: BTreeMap<String, String>,
    /// Names of organizations by number.
    pub organizations: BTreeMap<i64, String>,
    /// Region of each municipality today, by Census id.
    pub municipalities: BTreeMap<String, i32>,
    /// Requirements of grant programs.
    pub requirements: Vec<RequirementEntry>,
    /// Codes of dimensions without entries here: elements, disciplines, exercise types and sources.
    pub codes: BTreeMap<Dimension, BTreeSet<String>>,
    /// True if some of the data is invented, for demonstration.
    pub fictional: bool,
    /// The latest release: the published numbers about other regions.
    release: Option<Arc<Release>>,
    frames: Frames,
    taken: BTreeMap<&'static str, TableRefresh>,
    reach: Reach,
    events: Arc<Events>,
    engine: Arc<dyn Engine>,
    participants: Arc<OnceLock<Arc<EventParticipants>>>,
    feeds: Arc<Vec<Feed>>,
    fact_tables: Arc<Mutex<BTreeMap<&'static str, FactTables>>>,
    /// The exported tables that a remote engine reads instead of the frames.
    remote: Option<Arc<Manifest>>,
}

impl Snapshot {
    /// Reads the complete warehouse, with caches of the default size.
    pub async fn load(url: &str) -> Result<Self, SchemaError> {
        Self::load_with(url, MetricCaches::default()).await
    }

    /// Reads the complete warehouse, with these caches.
    pub async fn load_with(url: &str, caches: MetricCaches) -> Result<Self, SchemaError> {
        Self::read(url, None, caches).await
    }

    /// Reads the changes since this snapshot and shares the rest with it.
    pub async fn refresh(&self, url: &str) -> Result<Self, SchemaError> {
        Self::read(url, Some(self), self.frames.caches.clone()).await
    }

    /// Returns a snapshot of one version of the exported tables, which a remote engine reads. The
    /// tables themselves are not loaded. Cached answers about tables with the same files are
    /// reused.
    #[cfg(feature = "engine")]
    pub(crate) fn remote(
        manifest: &Arc<Manifest>,
        engine: Arc<dyn Engine>,
        last: Option<&Self>,
        caches: MetricCaches,
    ) -> Self {
        let generation = caches.next_generation();
        let table_generations = carry_forward(last, generation, |last, table| {
            let paths = |of: &Manifest| of.paths_of(table).map(str::to_owned).collect::<Vec<_>>();
            last.remote.as_ref().is_some_and(|before| paths(before) == paths(manifest))
        });
        Self {
            version: manifest.version,
            read_at: manifest.read_at,
            took: Duration::ZERO,
            regions: manifest.regions.iter().map(|region| (region.id, region.clone())).collect(),
            hazards: manifest.hazards.iter().map(|hazard| (hazard.id, hazard.clone())).collect(),
            capabilities: manifest.capabilities.clone(),
            organizations: manifest.organizations.clone(),
            municipalities: manifest.municipalities.clone(),
            requirements: manifest.requirements.clone(),
            codes: manifest.codes.clone(),
            fictional: manifest.fictional,
            release: last.and_then(|last| last.release.clone()),
            frames: Frames { tables: BTreeMap::new(), caches, table_generations, generation },
            taken: BTreeMap::new(),
            reach: Reach::of(&manifest.versions),
            events: Arc::default(),
            engine,
            participants: Arc::default(),
            feeds: Arc::new(manifest.feeds.clone()),
            fact_tables: Arc::default(),
            remote: Some(Arc::clone(manifest)),
        }
    }

    /// The latest release.
    pub fn release(&self) -> Option<&Release> {
        self.release.as_deref()
    }

    /// The same snapshot with this release as the latest.
    pub fn with_release(&self, release: Release) -> Self {
        Self { release: Some(Arc::new(release)), ..self.clone() }
    }

    /// Version of each table of the warehouse.
    pub(crate) fn versions(&self) -> BTreeMap<String, i64> {
        self.reach.written.iter().map(|(table, written)| (table.clone(), written.version)).collect()
    }

    /// Returns the cache key of the snapshot. Every change of any table changes it, even if
    /// transactions commit out of order.
    pub fn generation(&self) -> i64 {
        self.reach.written.values().map(|written| written.version).sum()
    }

    /// Returns the number of rows in all frames, or in the tables of the remote engine.
    pub fn rows(&self) -> usize {
        let remote = self
            .remote
            .iter()
            .flat_map(|manifest| manifest.tables.values())
            .map(|table| table.rows as usize);
        self.frames.tables.values().map(|frame| frame.data.height()).chain(remote).sum()
    }

    /// A frame by name.
    pub(crate) fn frame(&self, name: &str) -> &Frame {
        self.frames.table(name)
    }

    /// The tables in memory, with the caches.
    pub(crate) fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Returns the columns of a table as stored: labels as positions in lists of names, days since
    /// 1970 with their months.
    pub fn data(&self, table: &str) -> polars::prelude::DataFrame {
        self.frame(table).data.clone()
    }

    /// Returns the same snapshot without caches.
    pub fn without_caches(&self) -> Self {
        let caches = MetricCaches::new(&CacheBudget::new(0));
        Self {
            frames: Frames { caches, ..self.frames.clone() },
            participants: Arc::default(),
            ..self.clone()
        }
    }

    /// Way in which each table was refreshed.
    pub fn refreshes(&self) -> &BTreeMap<&'static str, TableRefresh> {
        &self.taken
    }

    /// Returns the sorted rows of a table, with labels by name. Two snapshots of the same warehouse
    /// print identically.
    pub fn printed(&self, table: &str) -> Vec<String> {
        self.frame(table).printed()
    }

    /// Expected feeds, in the order of the operator's file; none without it.
    pub fn feeds(&self) -> &[Feed] {
        &self.feeds
    }

    /// Returns the tables of the warehouse whose records a metric counts, stated once.
    ///
    /// # Errors
    /// If they cannot be stated.
    pub(crate) fn fact_tables(
        &self,
        id: &'static str,
        state: impl FnOnce() -> Result<BTreeSet<&'static str>, MetricError>,
    ) -> Result<FactTables, MetricError> {
        let known = || self.fact_tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tables) = known().get(id) {
            return Ok(Arc::clone(tables));
        }
        let tables = Arc::new(state()?);
        known().insert(id, Arc::clone(&tables));
        Ok(tables)
    }

    /// Engine that runs its cubes.
    pub(crate) fn engine(&self) -> &dyn Engine {
        self.engine.as_ref()
    }

    /// Caches that it shares with the other snapshots of the warehouse.
    pub fn caches(&self) -> &MetricCaches {
        self.frames.caches()
    }

    /// Returns the participants of events, gathered once.
    ///
    /// # Errors
    /// If they cannot be gathered.
    pub(crate) fn participants(
        &self,
        gather: impl FnOnce() -> Result<EventParticipants, MetricError>,
    ) -> Result<Arc<EventParticipants>, MetricError> {
        if let Some(known) = self.participants.get() {
            return Ok(Arc::clone(known));
        }
        let gathered = Arc::new(gather()?);
        Ok(Arc::clone(self.participants.get_or_init(|| gathered)))
    }

    /// Code of a hazard, or its category.
    pub(crate) fn of_hazard(&self, id: i32, dimension: Dimension) -> String {
        self.hazards.get(&id).map_or_else(
            || "unmapped".to_owned(),
            |hazard| {
                if dimension == Dimension::HazardCategory {
                    hazard.category.clone()
                } else {
                    hazard.code.clone()
                }
            },
        )
    }

    /// Code of a region.
    pub(crate) fn region_code(&self, id: i32) -> String {
        self.regions.get(&id).map_or_else(|| "unmapped".to_owned(), |region| region.code.clone())
    }

    /// Codes that a filter by this dimension may name.
    pub(crate) fn codes(&self, dimension: Dimension) -> BTreeSet<String> {
        let frameworks =
            || self.capabilities.keys().filter_map(|code| Some(code.split_once(':')?.0.to_owned()));
        match dimension {
            Dimension::Region => self.regions.values().map(|region| region.code.clone()).collect(),
            Dimension::Hazard => self.hazards.values().map(|hazard| hazard.code.clone()).collect(),
            Dimension::HazardCategory => {
                self.hazards.values().map(|hazard| hazard.category.clone()).collect()
            }
            Dimension::Capability => self.capabilities.keys().cloned().collect(),
            Dimension::Framework => frameworks().chain(["NONE".to_owned()]).collect(),
            Dimension::EventKind => {
                ["INCIDENT", "EXERCISE", "PLANNED_EVENT"].map(str::to_owned).into()
            }
            _ => self.codes.get(&dimension).cloned().unwrap_or_default(),
        }
    }

    /// Bytes of all its frames.
    pub fn bytes(&self) -> usize {
        self.frames.tables.values().map(|frame| frame.data.estimated_size()).sum()
    }

    /// Returns the address and the bytes of each frame. Snapshots share the frames of unchanged
    /// tables.
    pub(crate) fn frame_sizes(&self) -> impl Iterator<Item = (usize, usize)> {
        let frames = self.frames.tables.values();
        frames.map(|frame| (Arc::as_ptr(frame).addr(), frame.data.estimated_size()))
    }

    async fn read(
        url: &str,
        last: Option<&Self>,
        caches: MetricCaches,
    ) -> Result<Self, SchemaError> {
        let began = Instant::now();
        let mut connection = Connection::open(url).await?;
        // All tables are read at one moment.
        let transaction = connection.begin_snapshot().await?;
        let reach = Reach::read(&transaction).await?;
        let regions: Vec<(i32, String, String, String, i64)> = transaction
            .rows::<(Integer, Text, Text, Text, BigInt), _>(sql_query(
                "select r.region_id, r.code, r.name, r.short_name, \
                 coalesce(sum(m.population_2020), 0)::bigint from warehouse.region r \
                 join warehouse.region_scheme c using (region_scheme_id) left join \
                 warehouse.municipality_region mr on mr.region_id = r.region_id and mr.valid_to is \
                 null \
                 left join warehouse.municipality m using (municipality_id) where c.code = \
                 meta.region_scheme() \
                 or r.region_id = -1 group by r.region_id",
            ))
            .await?;
        let regions: BTreeMap<i32, RegionEntry> = regions
            .into_iter()
            .map(|(id, code, name, short_name, population)| {
                (id, RegionEntry { id, code, name, short_name, population })
            })
            .collect();
        let coalition: Vec<&RegionEntry> =
            regions.values().filter(|region| region.id >= 0).collect();
        let feeds = feeds::read(&transaction, &coalition).await?;
        let names = SharedNames::read(&transaction, &regions).await?;
        let known = last.map(|last| KnownTables {
            frames: last.frames.clone(),
            reach: last.reach.clone(),
            events: Arc::clone(&last.events),
        });
        let work = Arc::new(TableQueue::plan(&transaction, names, &reach, known).await?);
        transaction.run_batch(companion::NO_COMPILATION).await?;
        let mut companions = tokio::task::JoinSet::new();
        if let Some(second) = companion::second(url).await {
            let moment = transaction.export_snapshot().await?;
            companions.spawn(companion::read_tables(second, moment, Arc::clone(&work)));
        } else {
            work.events(&transaction).await?;
        }
        let here = work.tables(&transaction);
        let there = async {
            let read = companions.join_next().await.unwrap_or(Ok(Ok(Vec::new())));
            read.map_err(|error| SchemaError::Database(format!("snapshot: {error}")))?
        };
        let (here, there) = tokio::try_join!(here, there)?;
        let (events, _) = work.known_events().await?;
        let (mut frames, mut taken) = (BTreeMap::new(), BTreeMap::new());
        for (name, frame, how) in here.into_iter().chain(there) {
            frames.insert(name, frame);
            taken.insert(name, how);
        }
        let hazards: Vec<(i32, String, String, String)> = transaction
            .rows::<(Integer, Text, Text, Text), _>(hazard::table.select((
                hazard::hazard_id,
                hazard::code,
                hazard::category,
                hazard::name,
            )))
            .await?;
        let hazards = hazards
            .into_iter()
            .map(|(id, code, category, name)| (id, HazardEntry { id, code, category, name }))
            .collect();
        let capabilities: Vec<(String, String)> = transaction
            .rows::<(Text, Text), _>(sql_query(
                "select f.code || ':' || c.code, c.name from warehouse.capability c join \
                 warehouse.capability_framework f using (capability_framework_id) \
                 where c.capability_id > 0",
            ))
            .await?;
        let municipalities: Vec<(String, i32)> = transaction
            .rows::<(Text, Integer), _>(sql_query(
                "select m.geoid, mr.region_id from warehouse.municipality_region mr join \
                 warehouse.municipality m using (municipality_id) \
                 join warehouse.region r using (region_id) join warehouse.region_scheme c using \
                 (region_scheme_id) \
                 where mr.valid_to is null and c.code = meta.region_scheme()",
            ))
            .await?;
        let requirements: Vec<RequirementEntry> = transaction
            .rows::<RequirementColumns, _>(sql_query(
                "select r.program || ' ' || r.code || ' ' || r.period, r.applies_to, d.code, \
                 r.exercise_class, t.code, r.incident_counts, r.minimum_events, \
                 r.maximum_gap_days, r.period_start, r.due_on from warehouse.requirement r left \
                 join warehouse.discipline d using (discipline_id) \
                 left join warehouse.exercise_type t using (exercise_type_id) order by \
                 r.requirement_id",
            ))
            .await?;
        let sql = "select 'element', code from warehouse.element union all select 'discipline', \
            code from warehouse.discipline \
                   union all select 'exercise_type', code from warehouse.exercise_type \
                   union all select 'source', source from (select distinct source from meta.file \
                   where status = 'LOADED' and source is not null) f";
        let mut codes: BTreeMap<Dimension, BTreeSet<String>> = BTreeMap::new();
        let listed: Vec<(String, String)> =
            transaction.rows::<(Text, Text), _>(sql_query(sql)).await?;
        for (dimension, code) in listed {
            if let Ok(dimension) = dimension.parse() {
                codes.entry(dimension).or_default().insert(code);
            }
        }
        codes.entry(Dimension::Source).or_default().extend(events.sources());
        let invented =
            "select exists (select from meta.file where fictional and status = 'LOADED')";
        let fictional = transaction.row::<Bool, _>(sql_query(invented)).await?;
        let release = match last.and_then(|last| last.release.clone()) {
            Some(known) if Release::newest(&transaction).await? == Some(known.number) => {
                Some(known)
            }
            _ => Release::latest(&transaction).await?.map(Arc::new),
        };
        let version =
            reach.written.values().map(|written| written.version).max().unwrap_or_default();
        let generation = caches.next_generation();
        let table_generations = carry_forward(last, generation, |last, table| {
            let pair = last.frames.tables.get(table).zip(frames.get(table));
            pair.is_some_and(|(one, other)| Arc::ptr_eq(one, other))
        });
        Ok(Self {
            version,
            read_at: Utc::now(),
            took: began.elapsed(),
            regions,
            hazards,
            capabilities: capabilities.into_iter().collect(),
            organizations: organizations::names(&transaction).await?,
            municipalities: municipalities.into_iter().collect(),
            requirements,
            codes,
            fictional,
            release,
            frames: Frames { tables: frames, caches, table_generations, generation },
            taken,
            reach,
            events,
            engine: Arc::new(CachingEngine(Polars)),
            participants: Arc::default(),
            feeds: Arc::new(feeds),
            fact_tables: Arc::default(),
            remote: None,
        })
    }
}

/// Returns the generation of each table: that of the last snapshot if the table is unchanged.
fn carry_forward(
    last: Option<&Snapshot>,
    generation: i64,
    is_unchanged: impl Fn(&Snapshot, &str) -> bool,
) -> BTreeMap<&'static str, i64> {
    let of = |table: &'static str| match last {
        Some(last) if is_unchanged(last, table) => last.frames.table_generation(table),
        _ => generation,
    };
    tables().map(|definition| (definition.name, of(definition.name))).collect()
}
