//! Exports the tables of a snapshot as partitioned Parquet, for engines on other machines.
//!
//! Files have the path `FOLDER/<table>/year=YYYY/region=CODE/part-<hash>.parquet`. The region is
//! the label of the record's regions, such as `1+3` for a record of both. A table without a date is
//! a single partition. A file's name is derived from its content, and no file is ever changed. So
//! an export writes only missing files, and the files of an older version remain complete.
//!
//! `manifest.json` is replaced last, in one step. It names the version, all its files with their
//! row counts, and the small lists of the snapshot. A reader of the files in one manifest reads
//! exactly one version. A killed export leaves the previous manifest with all its files. After an
//! export, files in neither the new manifest nor the previous one are removed.
//!
//! Labels are strings, and sets of labels are joined by `+`. Dates are whole numbers since 1970,
//! each with a column for its month.

mod error;
mod manifest;
mod partition;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use error::{MANIFEST, TablesError};
pub use manifest::{Manifest, PartFile, TableFiles};
#[cfg(feature = "engine")]
pub(crate) use partition::partition_day;
use partition::{Partition, partitions};
use polars_io::parquet::write::{ParquetCompression, ParquetWriter, StatisticsOptions};

use crate::snapshot::{self, Snapshot, TableDefinition};

impl Manifest {
    /// Creates the manifest of a snapshot, without its tables.
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            shape: manifest::shape(),
            version: snapshot.version,
            read_at: snapshot.read_at,
            versions: snapshot.versions(),
            fictional: snapshot.fictional,
            regions: snapshot.regions.values().cloned().collect(),
            hazards: snapshot.hazards.values().cloned().collect(),
            capabilities: snapshot.capabilities.clone(),
            organizations: snapshot.organizations.clone(),
            municipalities: snapshot.municipalities.clone(),
            requirements: snapshot.requirements.clone(),
            codes: snapshot.codes.clone(),
            feeds: snapshot.feeds().to_vec(),
            tables: BTreeMap::new(),
        }
    }
}

/// Result of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Version of the warehouse that the folder now contains.
    pub version: i64,
    /// Partitions that were written.
    pub written: usize,
    /// Partitions that existed already.
    pub unchanged: usize,
    /// Files of older versions that were removed.
    pub removed: usize,
    /// Rows of all tables.
    pub rows: u64,
    /// Bytes of all files of this version.
    pub bytes: u64,
    /// Duration.
    pub took: Duration,
}

/// Exports the tables of a snapshot to a folder. Only missing partitions are written.
///
/// # Errors
/// If a file cannot be written, another export is running, or the folder has a newer version. Its
/// files stay readable.
pub fn export_tables(snapshot: &Snapshot, folder: &Path) -> Result<Exported, TablesError> {
    let began = Instant::now();
    fs::create_dir_all(folder).map_err(at(folder))?;
    let _lock = lock(folder)?;
    let path = folder.join(MANIFEST);
    let before = if path.exists() { Some(Manifest::read_any(&path)?) } else { None };
    if let Some(there) =
        before.as_ref().map(|manifest| manifest.version).filter(|there| *there > snapshot.version)
    {
        return Err(TablesError::Older {
            folder: folder.to_owned(),
            there,
            here: snapshot.version,
        });
    }
    let mut done = Exported { version: snapshot.version, ..Exported::default() };
    let mut manifest = Manifest::of(snapshot);
    for definition in snapshot::tables() {
        let files = table(snapshot, definition, folder, &mut done)?;
        manifest.tables.insert(definition.name.to_owned(), files);
    }
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| TablesError::Manifest { path: path.clone(), reason: error.to_string() })?;
    write_atomically(&path, |mut file| file.write_all(&text).map_err(at(&path)))?;
    let mut named: BTreeSet<PathBuf> = manifest.paths().map(|name| folder.join(name)).collect();
    named.extend(before.iter().flat_map(Manifest::paths).map(|name| folder.join(name)));
    for definition in snapshot::tables() {
        done.removed += sweep(&folder.join(definition.name), &named)?;
    }
    done.took = began.elapsed();
    Ok(done)
}

/// Returns the files of a table, and writes the missing ones.
fn table(
    snapshot: &Snapshot,
    definition: &'static TableDefinition,
    folder: &Path,
    done: &mut Exported,
) -> Result<TableFiles, TablesError> {
    let frame = snapshot.frame(definition.name);
    let labels =
        frame.labels.iter().map(|(name, names)| ((*name).to_owned(), names.to_vec())).collect();
    let mut files = TableFiles { rows: frame.data.height() as u64, labels, files: Vec::new() };
    for part in partitions(definition, frame)? {
        let part = part?;
        let hash = part.hash()?;
        let name = format!("{}part-{hash}.parquet", part.folder);
        let path = folder.join(&name);
        // A file is named after its content and renamed into place when complete. So an existing
        // file of this name is this file.
        if path.exists() {
            done.unchanged += 1;
        } else {
            write(&path, &part)?;
            done.written += 1;
        }
        let bytes = fs::metadata(&path).map_err(at(&path))?.len();
        done.rows += part.rows() as u64;
        done.bytes += bytes;
        files.files.push(PartFile {
            path: name,
            rows: part.rows() as u64,
            bytes,
            year: part.year,
            region: part.region,
        });
    }
    files.files.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(files)
}

fn write(path: &Path, part: &Partition) -> Result<(), TablesError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let mut data = part.data()?;
    write_atomically(path, |file| {
        ParquetWriter::new(file)
            .with_compression(ParquetCompression::Zstd(None))
            .with_statistics(StatisticsOptions::full())
            .with_row_group_size(Some(1 << 20))
            .finish(&mut data)?;
        Ok(())
    })
}

/// Writes a temporary file and renames it once all data is on the disk.
fn write_atomically(
    path: &Path,
    fill: impl FnOnce(&File) -> Result<(), TablesError>,
) -> Result<(), TablesError> {
    let temporary = path.with_extension("part");
    let written = File::create(&temporary).map_err(at(&temporary)).and_then(|file| {
        fill(&file)?;
        file.sync_all().map_err(at(&temporary))
    });
    if let Err(error) = written {
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    fs::rename(&temporary, path).map_err(at(path))?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    }
    Ok(())
}

/// Blocks other exports to the folder until the lock is dropped, even by a kill.
fn lock(folder: &Path) -> Result<File, TablesError> {
    let path = folder.join(".lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(TablesError::Busy(folder.to_owned())),
        Err(fs::TryLockError::Error(error)) => Err(at(&path)(error)),
    }
}

/// Removes parts that no manifest names, and empty folders. Other files are not ours.
fn sweep(folder: &Path, named: &BTreeSet<PathBuf>) -> Result<usize, TablesError> {
    let mut removed = 0;
    let Ok(entries) = fs::read_dir(folder) else { return Ok(0) };
    for entry in entries {
        let path = entry.map_err(at(folder))?.path();
        if path.is_dir() {
            removed += sweep(&path, named)?;
            // Fails if the folder contains anything.
            let _ = fs::remove_dir(&path);
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let ours =
            name.starts_with("part-") && (name.ends_with(".parquet") || name.ends_with(".part"));
        if ours && !named.contains(&path) {
            fs::remove_file(&path).map_err(at(&path))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Returns a system error with its path.
fn at(path: &Path) -> impl FnOnce(std::io::Error) -> TablesError + use<> {
    let path = path.to_owned();
    move |error| TablesError::Path { path, error }
}
