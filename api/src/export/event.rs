//! All records of one event as an archive: the event, the records that reference it, and the
//! records that those reference. So every foreign key in the archive resolves.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};

use bytes::Bytes;
use diesel::sql_types::{Array, BigInt, Nullable};
use hotwash_graphql::ViewerScope;
use hotwash_graphql::catalog::entity;
use hotwash_graphql::catalog::references::Reference;
use hotwash_metrics::Snapshot;
use hotwash_schema::copy::{self, Connection, OpenTransaction, RunStatement as _};
use hotwash_schema::global_id::parse_global_id;
use zip::write::SimpleFileOptions;

use super::file::{ExportFile, FILES, FileRows, of_entity};
use super::plan::{plan_of_keys, select_keys};
use super::run::unchanged_since;
use super::{ExportError, ExportOptions, PACKAGE, describe, run};

/// Name of the event's type.
const EVENT: &str = "Event";

/// Keys of records by the name of their type.
type Keys = BTreeMap<&'static str, BTreeSet<i64>>;

/// Archive of an event.
pub struct EventArchive {
    /// Key of the event.
    pub key: i64,
    /// Contents of the ZIP file.
    pub bytes: Bytes,
}

/// Returns all that belongs to an event and that the viewer may see, as a ZIP file. All files see
/// one moment of the warehouse: the present one, which must be that of `snapshot` if there is one.
///
/// # Errors
/// Fails if there is no such event, the viewer may not see it, the warehouse has changed since the
/// snapshot, or the database is unavailable.
pub async fn event_archive(
    url: &str,
    id: &str,
    options: ExportOptions,
    seen: &ViewerScope,
    snapshot: Option<&Snapshot>,
) -> Result<EventArchive, ExportError> {
    let unknown = || ExportError::UnknownEvent(id.to_owned());
    let key = match parse_global_id(id) {
        Some((kind, key)) if kind == EVENT => key,
        _ => return Err(unknown()),
    };
    let mut connection = Connection::open(url).await?;
    let transaction = connection.begin_snapshot().await.map_err(database)?;
    if let Some(snapshot) = snapshot {
        unchanged_since(snapshot, &transaction).await?;
    }
    let moment = transaction.export_snapshot().await.map_err(database)?;
    let keys = Records { transaction: &transaction, seen }.of_event(key).await?;
    if keys.is_empty() {
        return Err(unknown());
    }
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut files = Vec::new();
    for (file, keys) in FILES.iter().filter_map(|file| Some((file, keys_of(file, key, &keys)?))) {
        let keys: Vec<&[i64]> = keys.iter().map(Vec::as_slice).collect();
        let planned = plan_of_keys(file, &keys, options, seen)?;
        let mut pieces = run(url, planned, Some(&moment)).await?;
        let name = [file.name, ".", options.format.ending()].concat();
        archive.start_file(name, SimpleFileOptions::default()).map_err(std::io::Error::other)?;
        while let Some(piece) = pieces.recv().await {
            archive.write_all(&piece?)?;
        }
        files.push(file);
    }
    archive.start_file(PACKAGE, SimpleFileOptions::default()).map_err(std::io::Error::other)?;
    serde_json::to_writer_pretty(&mut archive, &describe(&files, options))
        .map_err(std::io::Error::from)?;
    let bytes = archive.finish().map_err(std::io::Error::other)?.into_inner();
    Ok(EventArchive { key, bytes: bytes.into() })
}

/// Returns the keys of a file's rows: of its records, or of both sides of the event's links. None
/// for a file without rows.
fn keys_of(file: &ExportFile, event: i64, keys: &Keys) -> Option<Vec<Vec<i64>>> {
    let of = |name: &str| keys.get(name).map(|keys| keys.iter().copied().collect());
    match file.rows {
        FileRows::Records(entity) => Some(vec![of(entity.name)?]),
        FileRows::Links(link) => {
            link.sides.iter().find(|side| side.target.name == EVENT)?;
            let sides = link.sides.iter().map(|side| match side.target.name {
                EVENT => Some(vec![event]),
                name => of(name),
            });
            sides.collect()
        }
    }
}

fn database(error: copy::Error) -> ExportError {
    ExportError::Database(error.into())
}

/// Reads the keys of the records that a viewer may see.
struct Records<'a> {
    transaction: &'a OpenTransaction<'a>,
    seen: &'a ViewerScope,
}

impl Records<'_> {
    /// Returns the keys of all records of an event's archive; none if there is no such event.
    async fn of_event(&self, event: i64) -> Result<Keys, ExportError> {
        let mut found = vec![(EVENT, event)];
        for file in FILES.iter() {
            for by in file.references().filter(|reference| reference.target.name == EVENT) {
                found.append(&mut self.keys(file, Some(by), &[event]).await?);
            }
        }
        for file in FILES.iter() {
            for by in file.references().filter(|reference| reference.is_part) {
                let owners = found.iter().filter(|(name, _)| *name == by.target.name);
                let owners: Vec<i64> = owners.map(|(_, key)| *key).collect();
                found.append(&mut self.keys(file, Some(by), &owners).await?);
            }
        }
        let mut keys = Keys::new();
        while !found.is_empty() {
            let mut new = Keys::new();
            for (name, key) in found.drain(..) {
                if !keys.get(name).is_some_and(|known| known.contains(&key)) {
                    new.entry(name).or_default().insert(key);
                }
            }
            for (name, new) in new {
                let Some(file) = entity(name).ok().and_then(of_entity) else { continue };
                let new: Vec<i64> = new.into_iter().collect();
                let seen = self.keys(file, None, &new).await?;
                let own = seen.iter().filter(|(of, key)| *of == name && new.contains(key));
                keys.entry(name).or_default().extend(own.map(|(_, key)| *key));
                found.extend(seen);
            }
            if keys.get(EVENT).is_none_or(|events| !events.contains(&event)) {
                return Ok(Keys::new());
            }
        }
        Ok(keys)
    }

    /// Returns the rows of a file whose own key, or this reference, is one of the keys: the type
    /// and the key of each record, and of each record that it references.
    async fn keys(
        &self,
        file: &ExportFile,
        by: Option<&Reference>,
        keys: &[i64],
    ) -> Result<Vec<(&'static str, i64)>, ExportError> {
        let (names, select) = select_keys(file, by, keys, self.seen)?;
        let rows = self.transaction.rows::<Array<Nullable<BigInt>>, Vec<Option<i64>>>(select);
        let rows = rows.await.map_err(database)?;
        let of_row = |row: Vec<Option<i64>>| {
            let keys = names.iter().copied().zip(row);
            keys.filter_map(|(name, key)| Some((name, key?))).collect::<Vec<_>>()
        };
        Ok(rows.into_iter().flat_map(of_row).collect())
    }
}
