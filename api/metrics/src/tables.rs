//! The snapshot's tables as partitioned Parquet, `table/year=…/region=…/`, for engines and tools beyond one machine.
//!
//! Only partitions whose content changed are written, each under another name first. `manifest.json` names the snapshot's version
//! and every partition; `manifest/` tells the same version to whoever queries: while partitions are being exchanged it says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, ParquetWriter, PolarsError, Series, SortMultipleOptions,
};
use serde::{Deserialize, Serialize};

use crate::snapshot::{Frame, Kind, Snapshot, TABLES, TableDefinition, month_column};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Version of the snapshot.
    pub version: i64,
    /// Partitions written.
    pub written: usize,
    /// Partitions that had not changed.
    pub kept: usize,
    /// Partitions that are no more.
    pub removed: usize,
}

/// Why tables cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// A file.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// Its content.
    #[error("the tables could not be written: {0}")]
    Content(String),
}

impl From<PolarsError> for TablesError {
    fn from(error: PolarsError) -> Self {
        Self::Content(error.to_string())
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    version: i64,
    /// Partitions by path: rows and a hash of their content.
    partitions: BTreeMap<String, Partition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Partition {
    rows: usize,
    content: String,
}

/// Writes the tables of a snapshot below a folder.
///
/// # Errors
/// When a file cannot be written; what was there before is still whole.
pub fn write_tables(snapshot: &Snapshot, folder: &Path) -> Result<Written, TablesError> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| TablesError::File(path, error)
    };
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let listed = folder.join("manifest.json");
    let before: Manifest =
        std::fs::read(&listed).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mut now = Manifest { version: snapshot.version, partitions: BTreeMap::new() };
    let mut changed: Vec<(PathBuf, PathBuf)> = Vec::new();
    for definition in TABLES {
        let frame = snapshot.frame(definition.name);
        for (place, mut rows) in partitions(definition, frame)? {
            let partition = Partition { rows: rows.height(), content: content(definition, frame, &rows)? };
            let path = format!("{}/{place}/part.parquet", definition.name);
            let file = folder.join(&path);
            if before.partitions.get(&path) != Some(&partition) || !file.exists() {
                let part = file.with_extension("part");
                if let Some(parent) = file.parent() {
                    std::fs::create_dir_all(parent).map_err(at(parent))?;
                }
                let mut readable = readable(definition, frame, &mut rows)?;
                let out = std::fs::File::create(&part).map_err(at(&part))?;
                ParquetWriter::new(&out).finish(&mut readable)?;
                out.sync_all().map_err(at(&part))?;
                changed.push((part, file));
            }
            now.partitions.insert(path, partition);
        }
    }
    let gone: Vec<&String> = before.partitions.keys().filter(|path| !now.partitions.contains_key(*path)).collect();
    let written = Written {
        version: now.version,
        written: changed.len(),
        kept: now.partitions.len() - changed.len(),
        removed: gone.len(),
    };
    // From here until the new manifest stands, who queries is told to wait.
    announce(folder, before.version, true)?;
    for (part, file) in changed {
        std::fs::rename(&part, &file).map_err(at(&file))?;
    }
    for path in gone {
        let file = folder.join(path);
        std::fs::remove_file(&file)
            .or_else(|error| if file.exists() { Err(error) } else { Ok(()) })
            .map_err(at(&file))?;
        for parent in file.ancestors().skip(1).take(2) {
            // Only empty folders go.
            let _ = std::fs::remove_dir(parent);
        }
    }
    let text = serde_json::to_vec_pretty(&now).map_err(|error| TablesError::Content(error.to_string()))?;
    let part = listed.with_extension("part");
    std::fs::write(&part, text).map_err(at(&part))?;
    std::fs::rename(&part, &listed).map_err(at(&listed))?;
    announce(folder, now.version, false)?;
    Ok(written)
}

/// The manifest that engines read: one row.
fn announce(folder: &Path, version: i64, writing: bool) -> Result<(), TablesError> {
    let place = folder.join("manifest");
    let failed = |error| TablesError::File(place.clone(), error);
    std::fs::create_dir_all(&place).map_err(failed)?;
    let columns = [Series::new("version".into(), [version]), Series::new("writing".into(), [i32::from(writing)])];
    let mut row = DataFrame::new_infer_height(columns.map(IntoColumn::into_column).to_vec())?;
    let part = place.join("manifest.part");
    let out = std::fs::File::create(&part).map_err(failed)?;
    ParquetWriter::new(&out).finish(&mut row)?;
    out.sync_all().map_err(failed)?;
    std::fs::rename(&part, place.join("manifest.parquet")).map_err(failed)
}

/// The day that decides a table's years: the first of its columns that is one.
fn day_of(definition: &TableDefinition) -> Option<&'static str> {
    let own = definition.columns.iter().filter(|(_, kind)| *kind == Kind::Day).map(|(name, _)| *name);
    let of_event = definition.event.iter().copied().filter(|name| *name == "local_date");
    of_event.chain(own).next()
}

/// Rows by `year=…/region=…`, in the order of their keys.
fn partitions(definition: &TableDefinition, frame: &Frame) -> Result<BTreeMap<String, DataFrame>, TablesError> {
    let rows = frame.data.height();
    let years: Vec<Option<i64>> = match day_of(definition) {
        Some(day) => whole(frame.data.column(&month_column(day))?)?
            .iter()
            .map(|month| month.map(|month| month.div_euclid(12)))
            .collect(),
        None => vec![None; rows],
    };
    let regions: Vec<Option<i64>> = match definition.kind("regions") {
        Some(_) => whole(frame.data.column("regions")?)?,
        None => vec![None; rows],
    };
    let mut places: BTreeMap<(Option<i64>, Option<i64>), Vec<u32>> = BTreeMap::new();
    for (row, place) in years.into_iter().zip(regions).enumerate() {
        places.entry(place).or_default().push(row as u32);
    }
    let names = frame.labels.get("regions");
    let mut made = BTreeMap::new();
    for ((year, region), rows) in places {
        let rows = polars::prelude::IdxCa::from_vec("rows".into(), rows);
        let region = region.and_then(|code| names?.get(code as usize)).map_or("none", String::as_str);
        let place = format!("year={}/region={region}", year.map_or_else(|| "none".to_owned(), |year| year.to_string()));
        let keys: Vec<&str> = definition.columns.iter().map(|(name, _)| *name).collect();
        made.insert(place, frame.data.take(&rows)?.sort(keys, SortMultipleOptions::default())?);
    }
    Ok(made)
}

fn whole(column: &Column) -> Result<Vec<Option<i64>>, TablesError> {
    Ok(column.cast(&DataType::Int64)?.i64()?.iter().collect())
}

/// Columns of a table in their order, each once.
fn names(definition: &TableDefinition) -> Vec<&'static str> {
    let mut seen = BTreeSet::new();
    let all = definition.columns.iter().map(|(name, _)| *name).chain(definition.event.iter().copied());
    all.filter(|name| seen.insert(*name)).collect()
}

/// A hash of what the rows say, whatever places their labels have.
fn content(definition: &TableDefinition, frame: &Frame, rows: &DataFrame) -> Result<String, TablesError> {
    let mut hash = blake3::Hasher::new();
    for name in names(definition) {
        hash.update(name.as_bytes());
        let column = rows.column(name)?;
        if let Some(known) = frame.labels.get(name) {
            let hashes: Vec<[u8; 32]> = known.iter().map(|name| *blake3::hash(name.as_bytes()).as_bytes()).collect();
            for code in whole(column)? {
                hash.update(&code.and_then(|code| hashes.get(code as usize)).copied().unwrap_or_default()[..8]);
            }
        } else if definition.kind(name) == Some(Kind::Number) {
            for number in column.f64()?.iter() {
                hash.update(&number.map_or(u64::MAX, f64::to_bits).to_le_bytes());
            }
        } else {
            for number in whole(column)? {
                hash.update(&number.unwrap_or(i64::MIN).to_le_bytes());
            }
        }
    }
    Ok(hash.finalize().to_hex()[..32].to_owned())
}

/// The rows as other tools read them: labels as text, days as dates.
fn readable(definition: &TableDefinition, frame: &Frame, rows: &mut DataFrame) -> Result<DataFrame, TablesError> {
    let mut columns = Vec::new();
    for name in names(definition) {
        let column = rows.column(name)?;
        columns.push(match (frame.labels.get(name), definition.kind(name)) {
            (Some(known), _) => {
                let codes = whole(column)?;
                let texts: Vec<Option<&str>> = codes
                    .iter()
                    .map(|code| code.and_then(|code| known.get(code as usize)).map(String::as_str))
                    .collect();
                Series::new(name.into(), texts).into_column()
            }
            (None, Some(Kind::Day)) => column.cast(&DataType::Date)?,
            _ => column.clone(),
        });
    }
    Ok(DataFrame::new_infer_height(columns)?)
}
