//! An immutable picture of the warehouse: facts in Polars frames, dimensions in lists. Reads Postgres, writes nothing.

mod frames;
pub(crate) mod index;
mod read;
mod standing;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;
use polars::prelude::DataFrame;

use frames::FRAMES;
use index::Index;
use read::frame;

/// A region for labels and rates.
#[derive(Clone, Debug)]
pub struct RegionEntry {
    /// Surrogate key.
    pub id: i32,
    /// Code in the coalition scheme; `unmapped` for -1.
    pub code: String,
    /// Name.
    pub name: String,
    /// Residents at the census of 2020; 0 where no municipality is known.
    pub population: i64,
}

/// A hazard for labels.
#[derive(Clone, Debug)]
pub struct HazardEntry {
    /// Surrogate key.
    pub id: i32,
    /// Code.
    pub code: String,
    /// Category.
    pub category: String,
    /// Name.
    pub name: String,
}

/// One version of the warehouse, pinned.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Version of the warehouse.
    pub version: i64,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    /// How long reading took.
    pub took: Duration,
    /// Coalition regions and the unmapped one, by id.
    pub regions: BTreeMap<i32, RegionEntry>,
    /// Hazards by id.
    pub hazards: BTreeMap<i32, HazardEntry>,
    /// Names of capabilities by framework and code, as `PHEP:6`.
    pub capabilities: BTreeMap<String, String>,
    /// Region of each municipality today, by Census id.
    pub municipalities: BTreeMap<String, i32>,
    /// Some of what it holds is invented, for demonstration.
    pub fictional: bool,
    frames: BTreeMap<&'static str, Arc<DataFrame>>,
    /// Events and organisations by id, made when first asked for.
    pub(crate) index: Arc<OnceLock<Index>>,
    versions: BTreeMap<String, i64>,
}

impl Snapshot {
    /// Reads the whole warehouse.
    pub async fn load(url: &str) -> Result<Self, SchemaError> {
        Self::read(url, None).await
    }

    /// Reads what changed since this snapshot and shares the rest with it.
    pub async fn refresh(&self, url: &str) -> Result<Self, SchemaError> {
        Self::read(url, Some(self)).await
    }

    /// Changes with every change of any table, also of transactions that end in another order than they began: what is kept
    /// from a snapshot is kept under its mark.
    pub fn mark(&self) -> i64 {
        self.versions.values().sum()
    }

    /// Rows of all its frames.
    pub fn rows(&self) -> usize {
        self.frames.values().map(|frame| frame.height()).sum()
    }

    /// A frame by name.
    pub(crate) fn frame(&self, name: &str) -> &DataFrame {
        static NONE: LazyLock<DataFrame> = LazyLock::new(DataFrame::default);
        self.frames.get(name).map_or(&NONE, AsRef::as_ref)
    }

    /// Bytes of all its frames.
    pub fn bytes(&self) -> usize {
        self.frames.values().map(|frame| frame.estimated_size()).sum()
    }

    async fn read(url: &str, last: Option<&Self>) -> Result<Self, SchemaError> {
        let began = Instant::now();
        let mut client = connect(url).await?;
        // One moment for all tables.
        let transaction = client
            .build_transaction()
            .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .await?;
        let mut versions = BTreeMap::new();
        for row in transaction.query("select table_name, version from meta.table_version", &[]).await? {
            versions.insert(row.get::<_, String>(0), row.get::<_, i64>(1));
        }
        let mut frames = BTreeMap::new();
        for definition in FRAMES {
            let same =
                |last: &&Self| definition.tables.iter().all(|table| last.versions.get(*table) == versions.get(*table));
            let known = last.filter(same).and_then(|last| last.frames.get(definition.name));
            let read = match known {
                Some(frame) => Arc::clone(frame),
                None => Arc::new(frame(&transaction, definition.sql, definition.columns).await?),
            };
            frames.insert(definition.name, read);
        }
        let regions = transaction
            .query(
                "select r.region_id, r.code, r.name, coalesce(sum(m.population_2020), 0)::bigint from warehouse.region r \
                 join warehouse.region_scheme c using (region_scheme_id) left join warehouse.municipality_region mr on mr.region_id = r.region_id and mr.valid_to is null \
                 left join warehouse.municipality m using (municipality_id) where c.code = 'HMCC' or r.region_id = -1 group by r.region_id",
                &[],
            )
            .await?
            .iter()
            .map(|row| (row.get(0), RegionEntry { id: row.get(0), code: row.get(1), name: row.get(2), population: row.get(3) }))
            .collect();
        let hazards = transaction
            .query("select hazard_id, code, category, name from warehouse.hazard", &[])
            .await?
            .iter()
            .map(|row| {
                (row.get(0), HazardEntry { id: row.get(0), code: row.get(1), category: row.get(2), name: row.get(3) })
            })
            .collect();
        let capabilities = transaction
            .query(
                "select f.code || ':' || c.code, c.name from warehouse.capability c join warehouse.capability_framework f using (capability_framework_id) \
                 where c.capability_id > 0",
                &[],
            )
            .await?
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .collect();
        let municipalities = transaction
            .query(
                "select m.geoid, mr.region_id from warehouse.municipality_region mr join warehouse.municipality m using (municipality_id) \
                 join warehouse.region r using (region_id) join warehouse.region_scheme c using (region_scheme_id) \
                 where mr.valid_to is null and c.code = 'HMCC'",
                &[],
            )
            .await?
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .collect();
        let invented = "select exists (select from meta.file where fictional and status = 'LOADED')";
        let fictional = transaction.query_one(invented, &[]).await?.get(0);
        let version = versions.values().copied().max().unwrap_or_default();
        Ok(Self {
            version,
            read_at: Utc::now(),
            took: began.elapsed(),
            regions,
            hazards,
            capabilities,
            municipalities,
            fictional,
            frames,
            index: Arc::default(),
            versions,
        })
    }
}
