//! Cubes run by an engine on other machines, over the exported tables of one version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;

use super::decode::{DecodeError, DecodedColumn, cells};
use super::flight::FlightClient;
use super::{CachingEngine, CellColumn, CubeCells, Engine, EngineAddress, sql};
use crate::cube::{Comparator, Condition, CubePlan, Term, day_number};
use crate::query::MetricError;
use crate::snapshot::caches::MetricCaches;
use crate::snapshot::frames::Frames;
use crate::snapshot::{Snapshot, table};
use crate::tables::{MANIFEST, Manifest, PartFile, TableFiles, TablesError, partition_day};

/// A remote engine with its exported tables, of any version.
pub struct RemoteTables {
    address: EngineAddress,
    manifest: PathBuf,
    client: Arc<FlightClient>,
}

impl RemoteTables {
    /// Checks the address. The engine itself is contacted by the first metric.
    ///
    /// # Errors
    /// If the address of the engine or of its tables is invalid.
    pub fn new(address: &EngineAddress) -> Result<Arc<Self>, MetricError> {
        let unfit = |letter: char| "`*?[]{},".contains(letter) || letter.is_control();
        if address.tables.is_empty() || address.tables.contains(unfit) {
            return Err(MetricError::Engine(format!(
                "{:?} cannot be where an engine's tables are: give the folder or address of \
                 `hotwash export FOLDER --only tables` as \
                 the engine reads it, without any of ` * ? [ ] {{ }} ,",
                address.tables
            )));
        }
        let manifest = match &address.manifest {
            Some(path) => path.clone(),
            None if address.tables.contains("://") => {
                return Err(MetricError::Engine(format!(
                    "the manifest of {} is not on this machine: name a copy of its {MANIFEST} \
                     (HOTWASH_ENGINE_MANIFEST)",
                    address.tables
                )));
            }
            None => Path::new(&address.tables).join(MANIFEST),
        };
        let client = Arc::new(FlightClient::new(&address.engine, address.timeout)?);
        Ok(Arc::new(Self { address: address.clone(), manifest, client }))
    }

    /// Returns the path of the manifest.
    pub(crate) fn manifest(&self) -> &Path {
        &self.manifest
    }

    /// Returns a snapshot of the current version. Its reference lists come from the manifest; its
    /// tables stay with the engine.
    ///
    /// Cached answers of the last snapshot about unchanged tables are reused.
    ///
    /// # Errors
    /// If the manifest cannot be read.
    pub fn snapshot(
        &self,
        last: Option<&Snapshot>,
        caches: MetricCaches,
    ) -> Result<Snapshot, TablesError> {
        let manifest = Arc::new(Manifest::read(&self.manifest)?);
        let (client, folder) = (Arc::clone(&self.client), self.address.tables.clone());
        let labels = manifest.tables.iter().map(|(name, table)| {
            let lists =
                table.labels.iter().map(|(name, names)| (name.clone(), Arc::new(names.clone())));
            (name.clone(), lists.collect())
        });
        let engine = RemoteEngine {
            client,
            folder,
            labels: labels.collect(),
            manifest: Arc::clone(&manifest),
        };
        Ok(Snapshot::remote(&manifest, Arc::new(CachingEngine(engine)), last, caches))
    }
}

/// An engine over one version of the tables.
struct RemoteEngine {
    client: Arc<FlightClient>,
    folder: String,
    manifest: Arc<Manifest>,
    labels: BTreeMap<String, BTreeMap<String, Arc<Vec<String>>>>,
}

impl Engine for RemoteEngine {
    fn run(&self, _: &Frames, plan: &CubePlan) -> Result<CubeCells, MetricError> {
        let files = self.table(plan)?;
        let chosen = chosen(files, plan);
        let mut counts = Vec::new();
        let mut columns = vec![DecodedColumn::default(); plan.keys.len() + plan.measures.len()];
        if !chosen.is_empty() {
            let from = sql::files(&self.folder, chosen.iter().map(|file| file.path.as_str()));
            let batches = self.client.query(&sql::statement(plan, &from, &files.labels))?;
            let width = plan.keys.len() + 1 + plan.measures.len();
            columns = self.checked(plan, &batches, width, plan.keys.len(), &chosen)?;
            counts = columns
                .remove(plan.keys.len())
                .counts()
                .map_err(|error| self.wrong(plan, &error))?;
        }
        if plan.keys.is_empty() && counts.first().is_none_or(|count| *count == 0) {
            let nothing =
                plan.measures.iter().map(|(name, _)| (*name, CellColumn::Integer(Vec::new())));
            return Ok(CubeCells { counts: Vec::new(), keys: 0, columns: nothing.collect() });
        }
        let names = plan.keys.iter().map(|(name, term)| (*name, Some(term)));
        let names = names.chain(plan.measures.iter().map(|(name, _)| (*name, None)));
        let mut columns_read = Vec::with_capacity(columns.len());
        for ((name, term), cells) in names.zip(columns) {
            let labels = match term {
                Some(Term::Column(source)) => {
                    self.labels.get(plan.table).and_then(|of| of.get(*source))
                }
                _ => None,
            };
            let values = match labels {
                Some(labels) => cells.labels(labels),
                None => cells.values(),
            };
            columns_read.push((name, values.map_err(|error| self.wrong(plan, &error))?));
        }
        Ok(CubeCells { counts, keys: plan.keys.len(), columns: columns_read })
    }

    fn first(
        &self,
        _: &Frames,
        plan: &CubePlan,
        column: &'static str,
        first: usize,
    ) -> Result<Vec<i64>, MetricError> {
        let files = self.table(plan)?;
        let chosen = chosen(files, plan);
        if chosen.is_empty() || first == 0 {
            return Ok(Vec::new());
        }
        let from = sql::files(&self.folder, chosen.iter().map(|file| file.path.as_str()));
        let batches =
            self.client.query(&sql::smallest(plan, column, first, &from, &files.labels))?;
        let keys = self.checked(plan, &batches, 1, 0, &chosen)?.remove(0).integer();
        let mut keys: Vec<i64> =
            keys.map_err(|error| self.wrong(plan, &error))?.into_iter().flatten().collect();
        keys.sort_unstable();
        Ok(keys)
    }
}

impl RemoteEngine {
    fn table(&self, plan: &CubePlan) -> Result<&TableFiles, MetricError> {
        let known = self.manifest.tables.get(plan.table);
        known.ok_or_else(|| {
            MetricError::Internal(format!("the exported tables lack {}", plan.table))
        })
    }

    /// Checks the last row, which must count all rows of the files, and returns the columns without
    /// it.
    fn checked(
        &self,
        plan: &CubePlan,
        batches: &[RecordBatch],
        width: usize,
        counted: usize,
        files: &[&PartFile],
    ) -> Result<Vec<DecodedColumn>, MetricError> {
        let wrong = |error: DecodeError| self.wrong(plan, &error);
        let mut columns = cells(batches, width + 1).map_err(wrong)?;
        let levels = columns.remove(0).integer().map_err(wrong)?;
        let total = columns
            .get(counted)
            .map(|column| column.clone().integer())
            .transpose()
            .map_err(wrong)?;
        let total: i64 = levels
            .iter()
            .zip(total.unwrap_or_default())
            .filter(|(level, _)| **level == Some(1))
            .filter_map(|(_, n)| n)
            .sum();
        let rows: u64 = files.iter().map(|file| file.rows).sum();
        if total.unsigned_abs() != rows
            || levels.iter().filter(|level| **level == Some(1)).count() != 1
        {
            return Err(MetricError::Engine(format!(
                "the engine at {} reads {total} rows of {} where version {} of the tables has \
                 {rows}: some of the files below {} \
                 are not where it looks; no number is given of a part",
                self.client.address(),
                plan.table,
                self.manifest.version,
                self.folder,
            )));
        }
        let own: Vec<bool> = levels.iter().map(|level| *level == Some(0)).collect();
        Ok(columns.into_iter().map(|column| column.only(&own)).collect())
    }

    fn wrong(&self, plan: &CubePlan, error: &DecodeError) -> MetricError {
        tracing::warn!(table = plan.table, %error, "an answer of the engine cannot be understood");
        MetricError::Engine(format!(
            "the engine at {} answers in a way that is not understood ({error}); is it one that \
             docs/scale-out.md names?",
            self.client.address()
        ))
    }
}

/// Returns the files that may contain records of a plan. Files of other regions and years are
/// skipped.
fn chosen<'a>(files: &'a TableFiles, plan: &CubePlan) -> Vec<&'a PartFile> {
    let day = partition_day(table(plan.table));
    let by_region = files.labels.contains_key("regions") && day.is_some();
    let first =
        |year: i64| chrono::NaiveDate::from_ymd_opt(year as i32, 1, 1).map_or(i64::MIN, day_number);
    let may = |file: &PartFile, condition: &Condition| match condition {
        Condition::Named("regions", wanted) if by_region => {
            file.region.as_ref().is_some_and(|region| wanted.contains(region))
        }
        Condition::Holds("regions", wanted) if by_region => {
            file.region.as_ref().is_some_and(|region| {
                region.split('+').any(|one| wanted.iter().any(|name| name == one))
            })
        }
        Condition::Compare(Term::Column(name), Comparator::UpTo, Term::Number(last))
            if Some(*name) == day =>
        {
            file.year.is_some_and(|year| first(year) <= *last)
        }
        Condition::Compare(Term::Number(from), Comparator::UpTo, Term::Column(name))
            if Some(*name) == day =>
        {
            file.year.is_some_and(|year| first(year + 1) > *from)
        }
        _ => true,
    };
    files
        .files
        .iter()
        .filter(|file| plan.only.iter().all(|condition| may(file, condition)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cube::{column, integer};

    #[test]
    fn files_of_other_regions_and_years_are_left_out() {
        let file = |year: Option<i64>, region: &str| PartFile {
            path: format!("{year:?} {region}"),
            rows: 1,
            bytes: 1,
            year,
            region: Some(region.to_owned()),
        };
        let all = [(Some(2023), "1"), (Some(2024), "1+3"), (Some(2025), "3"), (None, "3")];
        let files = TableFiles {
            rows: 4,
            labels: [("regions".to_owned(), vec!["1".to_owned(), "1+3".into(), "3".into()])].into(),
            files: all.iter().map(|(year, region)| file(*year, region)).collect(),
        };
        let left = |only: Vec<Condition>| -> Vec<Option<i64>> {
            let plan = CubePlan { table: "ratings", only, keys: vec![], measures: vec![] };
            chosen(&files, &plan).iter().map(|file| file.year).collect()
        };
        // 2024-12-31 is day 20,088.
        assert_eq!(
            left(vec![column("local_date").up_to(integer(20_088))]),
            [Some(2023), Some(2024)]
        );
        assert_eq!(
            left(vec![column("local_date").from(integer(20_088))]),
            [Some(2024), Some(2025)]
        );
        assert_eq!(left(vec![column("local_date").from(integer(20_089))]), [Some(2025)]);
        assert_eq!(
            left(vec![Condition::Holds("regions", vec!["3".into()])]),
            [Some(2024), Some(2025), None]
        );
        assert_eq!(left(vec![column("held").up_to(integer(0))]).len(), 4);
    }

    #[test]
    fn an_invalid_address_is_rejected() {
        let address = |engine: &str, tables: &str| EngineAddress {
            engine: engine.into(),
            tables: tables.into(),
            manifest: None,
            timeout: Duration::from_secs(1),
        };
        for (engine, tables) in [
            ("http://127.0.0.1:1", "/tables"),
            ("flightsql://", "/tables"),
            ("flightsql://127.0.0.1:1", "/tables/{a,b}"),
            ("flightsql://127.0.0.1:1", "s3://bucket/tables"),
        ] {
            assert!(RemoteTables::new(&address(engine, tables)).is_err(), "{engine} {tables}");
        }
    }
}
