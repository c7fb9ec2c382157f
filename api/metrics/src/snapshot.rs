//! An immutable picture of the warehouse: facts in Polars frames, dimensions in lists. Reads Postgres, writes nothing.

mod read;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;
use polars::prelude::DataFrame;

use read::{Kind, frame};

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
    pub(crate) incidents: Arc<DataFrame>,
    pub(crate) event_regions: Arc<DataFrame>,
    pub(crate) files: Arc<DataFrame>,
    pub(crate) ratings: Arc<DataFrame>,
    pub(crate) areas: Arc<DataFrame>,
    pub(crate) actions: Arc<DataFrame>,
    pub(crate) exercises: Arc<DataFrame>,
    versions: BTreeMap<String, i64>,
}

const INCIDENTS: &[&str] = &["warehouse.event", "warehouse.incident"];
const EVENT_REGIONS: &[&str] = &["warehouse.event_region", "warehouse.event"];
const FILES: &[&str] = &["meta.file", "warehouse.event"];
const RATINGS: &[&str] =
    &["warehouse.capability_rating", "warehouse.event", "warehouse.capability", "warehouse.rating_value"];
const AREAS: &[&str] = &["warehouse.finding", "warehouse.finding_element", "warehouse.event", "warehouse.capability"];
const ACTIONS: &[&str] =
    &["warehouse.corrective_action", "warehouse.capability", "warehouse.corrective_action_element"];
const EXERCISES: &[&str] = &["warehouse.exercise", "warehouse.event"];

/// Ratings at capability level that were observed.
const RATING_SQL: &str = "select r.event_id, e.local_date, e.hazard_id, e.kind, f.code || ':' || c.code, f.code, \
    v.counts_as_good::int, v.met_objective::int, (r.rating in ('P', 'FULLY'))::int, (r.rating = 'S')::int, (r.rating in ('M', 'PARTIALLY'))::int, \
    (r.rating in ('U', 'NOT'))::int \
    from warehouse.capability_rating r join warehouse.event e using (event_id) join warehouse.capability c using (capability_id) \
    join warehouse.capability_framework f using (capability_framework_id) \
    join warehouse.rating_value v on v.rating_scale_id = r.rating_scale_id and v.code = r.rating where r.level = 'CAPABILITY' and not v.excluded";
const RATING_COLUMNS: &[(&str, Kind)] = &[
    ("event_id", Kind::Key),
    ("local_date", Kind::Day),
    ("hazard_id", Kind::Id),
    ("event_kind", Kind::Label),
    ("capability", Kind::Label),
    ("framework", Kind::Label),
    ("good", Kind::Id),
    ("met", Kind::Id),
    ("p", Kind::Id),
    ("s", Kind::Id),
    ("m", Kind::Id),
    ("u", Kind::Id),
];
/// Areas for improvement by element; weights in 1/840, which every share of up to eight elements divides.
const AREA_SQL: &str = "select f.event_id, e.local_date, e.hazard_id, g.code || ':' || c.code, g.code, x.code, round(k.weight * 840)::int \
    from warehouse.finding f join warehouse.event e using (event_id) join warehouse.capability c using (capability_id) \
    join warehouse.capability_framework g using (capability_framework_id) join warehouse.finding_element k using (finding_id) \
    join warehouse.element x using (element_id) where f.kind = 'AREA_FOR_IMPROVEMENT'";
const AREA_COLUMNS: &[(&str, Kind)] = &[
    ("event_id", Kind::Key),
    ("local_date", Kind::Day),
    ("hazard_id", Kind::Id),
    ("capability", Kind::Label),
    ("framework", Kind::Label),
    ("element", Kind::Label),
    ("weight", Kind::Id),
];
/// Actions with the dates that decide their state on a day.
const ACTION_SQL: &str = "select a.corrective_action_id, a.region_id, a.opened_on, a.due_original_on, a.due_current_on, a.completed_on, a.cancelled_on, \
    f.code || ':' || c.code, f.code from warehouse.corrective_action a join warehouse.capability c using (capability_id) \
    join warehouse.capability_framework f using (capability_framework_id)";
const ACTION_COLUMNS: &[(&str, Kind)] = &[
    ("action_id", Kind::Key),
    ("region_id", Kind::Id),
    ("opened_on", Kind::Day),
    ("due_original_on", Kind::Day),
    ("due_current_on", Kind::Day),
    ("completed_on", Kind::Day),
    ("cancelled_on", Kind::Day),
    ("capability", Kind::Label),
    ("framework", Kind::Label),
];
/// Exercises that were held.
const EXERCISE_SQL: &str = "select e.event_id, e.local_date, e.hazard_id, t.code, (t.class = 'operations')::int from warehouse.exercise x \
    join warehouse.event e using (event_id) join warehouse.exercise_type t using (exercise_type_id) where e.status = 'HELD'";
const EXERCISE_COLUMNS: &[(&str, Kind)] = &[
    ("event_id", Kind::Key),
    ("local_date", Kind::Day),
    ("hazard_id", Kind::Id),
    ("exercise_type", Kind::Label),
    ("operations", Kind::Id),
];

impl Snapshot {
    /// Reads the whole warehouse.
    pub async fn load(url: &str) -> Result<Self, SchemaError> {
        Self::read(url, None).await
    }

    /// Reads what changed since this snapshot and shares the rest with it.
    pub async fn refresh(&self, url: &str) -> Result<Self, SchemaError> {
        Self::read(url, Some(self)).await
    }

    /// Changes with every change of any table, also of transactions that end in another order than they began.
    pub(crate) fn mark(&self) -> i64 {
        self.versions.values().sum()
    }

    /// Rows of all its frames.
    pub fn rows(&self) -> usize {
        self.frames().iter().map(|frame| frame.height()).sum()
    }

    fn frames(&self) -> [&Arc<DataFrame>; 7] {
        [&self.incidents, &self.event_regions, &self.files, &self.ratings, &self.areas, &self.actions, &self.exercises]
    }

    /// Bytes of all its frames.
    pub fn bytes(&self) -> usize {
        self.frames().iter().map(|frame| frame.estimated_size()).sum()
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
        let same = |tables: &[&str], pick: fn(&Self) -> &Arc<DataFrame>| {
            last.filter(|last| tables.iter().all(|table| last.versions.get(*table) == versions.get(*table)))
                .map(|last| Arc::clone(pick(last)))
        };
        let incidents = match same(INCIDENTS, |last| &last.incidents) {
            Some(frame) => frame,
            None => Arc::new(
                frame(
                    &transaction,
                    "select e.event_id, e.local_date, e.hazard_id, e.source, \
                     coalesce(i.deaths_direct, 0) + coalesce(i.deaths_indirect, 0), coalesce(i.injuries_direct, 0) + coalesce(i.injuries_indirect, 0), \
                     coalesce(i.damage_property_usd, 0), i.response from warehouse.event e join warehouse.incident i using (event_id)",
                    &[
                        ("event_id", Kind::Key),
                        ("local_date", Kind::Day),
                        ("hazard_id", Kind::Id),
                        ("source", Kind::Label),
                        ("deaths", Kind::Id),
                        ("injuries", Kind::Id),
                        ("damage", Kind::Key),
                        ("response", Kind::Label),
                    ],
                )
                .await?,
            ),
        };
        let event_regions = match same(EVENT_REGIONS, |last| &last.event_regions) {
            Some(frame) => frame,
            None => Arc::new(
                frame(
                    &transaction,
                    "select event_id, region_id from warehouse.event_region",
                    &[("event_id", Kind::Key), ("region_id", Kind::Id)],
                )
                .await?,
            ),
        };
        let files = match same(FILES, |last| &last.files) {
            Some(frame) => frame,
            None => Arc::new(
                frame(
                    &transaction,
                    "select f.file_id::bigint, coalesce(f.source, 'unrecognised'), f.read, f.inserted + f.updated, f.unchanged, f.rejected, f.warnings, \
                     f.unmapped, f.redacted, f.finished_at::date, (f.status = 'FAILED')::int, \
                     (select max(local_date) from warehouse.event e where e.source = f.source) \
                     from meta.file f where f.status <> 'RUNNING'",
                    &[
                        ("file_id", Kind::Key),
                        ("source", Kind::Label),
                        ("read", Kind::Key),
                        ("loaded", Kind::Key),
                        ("unchanged", Kind::Key),
                        ("rejected", Kind::Key),
                        ("warnings", Kind::Key),
                        ("unmapped", Kind::Key),
                        ("redacted", Kind::Key),
                        ("local_date", Kind::Day),
                        ("failed", Kind::Id),
                        ("newest", Kind::Day),
                    ],
                )
                .await?,
            ),
        };
        let ratings = match same(RATINGS, |last| &last.ratings) {
            Some(frame) => frame,
            None => Arc::new(frame(&transaction, RATING_SQL, RATING_COLUMNS).await?),
        };
        let areas = match same(AREAS, |last| &last.areas) {
            Some(frame) => frame,
            None => Arc::new(frame(&transaction, AREA_SQL, AREA_COLUMNS).await?),
        };
        let actions = match same(ACTIONS, |last| &last.actions) {
            Some(frame) => frame,
            None => Arc::new(frame(&transaction, ACTION_SQL, ACTION_COLUMNS).await?),
        };
        let exercises = match same(EXERCISES, |last| &last.exercises) {
            Some(frame) => frame,
            None => Arc::new(frame(&transaction, EXERCISE_SQL, EXERCISE_COLUMNS).await?),
        };
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
        let version = versions.values().copied().max().unwrap_or_default();
        Ok(Self {
            version,
            read_at: Utc::now(),
            took: began.elapsed(),
            regions,
            hazards,
            incidents,
            event_regions,
            files,
            ratings,
            areas,
            actions,
            exercises,
            versions,
        })
    }
}
