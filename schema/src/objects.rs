//! Views, functions, triggers and policies, defined in the files of `schema/objects`. `migrate`
//! applies a changed file again, together with the files that require it.
//!
//! Fact views and policies that follow from the description of a record type are generated instead,
//! as if they were files.
//!
//! A file names the files it requires in header lines `-- requires: views/bi/dim_event`. Files are
//! applied in that order, and their objects are dropped in reverse order.

mod apply;
mod described;

use std::collections::{BTreeMap, BTreeSet};

use diesel::{QueryDsl, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::access::visible;
use crate::error::SchemaError;
use crate::tables::schema_object;

use apply::Definition;
pub use apply::{Applied, Reason};
pub(crate) use apply::{apply, drop_outdated};

/// Lists every view, function, trigger and policy of the schemas with a digest of its definition.
/// The session's `search_path` must be `pg_catalog`, so that names are qualified.
pub(crate) const DEFINITIONS: &str = include_str!("objects/definitions.sql");

/// Names and contents of the files of `schema/objects`.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/objects.rs"));

/// Start of a header line that names a required file.
const REQUIRES: &str = "-- requires: ";

/// One file that defines views, functions, triggers or policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFile {
    /// Path below `schema/objects`, without extension.
    pub name: String,
    /// Names of the files whose objects this file uses.
    pub requires: Vec<String>,
    /// Statements, with the visibility rule inserted.
    pub sql: String,
    /// Digest of the statements.
    pub digest: String,
}

impl ObjectFile {
    /// Parses the header of a file and inserts the visibility rule.
    pub fn new(name: &str, text: &str) -> Self {
        let requires = text.lines().filter_map(|line| line.strip_prefix(REQUIRES));
        let requires = requires.map(|name| name.trim().to_owned()).collect();
        let sql = visible::expand(text);
        let digest = blake3::hash(sql.as_bytes()).to_hex().to_string();
        Self { name: name.to_owned(), requires, sql, digest }
    }
}

/// Returns the files of this version, in no particular order.
pub fn shipped() -> Vec<ObjectFile> {
    let written = SHIPPED.iter().map(|(name, text)| ObjectFile::new(name, text));
    written.chain(described::files()).collect()
}

/// Returns where the objects of a file are defined, for messages.
fn defined_in(name: &str) -> String {
    if described::files().any(|file| file.name == name) {
        format!("{name}, generated from a description in schema/src/record")
    } else {
        format!("schema/objects/{name}.sql")
    }
}

/// Sorts files so that each follows those it requires, otherwise by name.
///
/// # Errors
/// Fails if a file requires one that does not exist, or two files require each other.
pub(crate) fn ordered(files: &[ObjectFile]) -> Result<Vec<&ObjectFile>, SchemaError> {
    let mut waiting: BTreeMap<&str, &ObjectFile> =
        files.iter().map(|file| (file.name.as_str(), file)).collect();
    for file in files {
        if let Some(missing) =
            file.requires.iter().find(|name| !waiting.contains_key(name.as_str()))
        {
            return Err(SchemaError::Migration(format!(
                "{} requires {missing}, and there is no such file",
                defined_in(&file.name)
            )));
        }
    }
    let mut order = Vec::with_capacity(files.len());
    let mut done = BTreeSet::new();
    while !waiting.is_empty() {
        let ready = waiting
            .values()
            .find(|file| file.requires.iter().all(|name| done.contains(name.as_str())));
        let Some(next) = ready.copied() else {
            let names: Vec<&str> = waiting.into_keys().collect();
            return Err(SchemaError::Migration(format!(
                "files of schema/objects require each other in a circle: {}",
                names.join(", ")
            )));
        };
        waiting.remove(next.name.as_str());
        done.insert(next.name.as_str());
        order.push(next);
    }
    Ok(order)
}

/// Fails unless the database has exactly the files of this version. Compares files, not
/// definitions; [`altered`] compares definitions.
pub(crate) async fn check(connection: &mut AsyncPgConnection) -> Result<(), SchemaError> {
    let files = schema_object::table.select((schema_object::file, schema_object::file_digest));
    let applied: Vec<(String, String)> = files.distinct().load(connection).await?;
    let applied: BTreeMap<String, String> = applied.into_iter().collect();
    let shipped: BTreeMap<String, String> =
        shipped().into_iter().map(|file| (file.name, file.digest)).collect();
    let differs = |name: &&String| applied.get(*name) != shipped.get(*name);
    let names: BTreeSet<&String> = applied.keys().chain(shipped.keys()).filter(differs).collect();
    match names.iter().next() {
        None => Ok(()),
        Some(first) => Err(SchemaError::Objects { count: names.len(), first: (*first).to_owned() }),
    }
}

/// Returns the names of objects that are missing, or whose definition differs from the one that
/// their file created.
pub(crate) async fn altered(
    connection: &mut AsyncPgConnection,
) -> Result<Vec<String>, SchemaError> {
    let recorded: Vec<(String, String, String)> = schema_object::table
        .select((schema_object::name, schema_object::file, schema_object::definition_digest))
        .order((schema_object::position, schema_object::name))
        .load(connection)
        .await?;
    connection.batch_execute("set local search_path = pg_catalog").await?;
    let present: Vec<Definition> = sql_query(DEFINITIONS).load(connection).await?;
    connection.batch_execute("set local search_path to default").await?;
    let present: BTreeMap<String, String> =
        present.into_iter().map(|object| (object.name, object.digest)).collect();
    let described = |(name, file, digest): (String, String, String)| {
        let what = match present.get(&name) {
            None => "is missing",
            Some(found) if *found != digest => "was changed by hand",
            Some(_) => return None,
        };
        Some(format!("{name} {what} ({})", defined_in(&file)))
    };
    Ok(recorded.into_iter().filter_map(described).collect())
}
