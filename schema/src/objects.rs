//! Views, functions, triggers and policies, defined in the files of `schema/objects`. `migrate`
//! applies a changed file again, together with the files that require it.
//!
//! Fact views, policies and triggers that follow from the description of a record type are generated
//! instead, as if they were files.
//!
//! A file names the files it requires in header lines `-- requires: views/bi/dim_event`. Files are
//! applied in that order, and their objects are dropped in reverse order.

mod apply;
mod described;
mod file;
mod files;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use apply::Definition;
pub use apply::{Applied, Reason};
pub(crate) use apply::{apply, drop_outdated};
use diesel::{QueryDsl, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
pub use file::ObjectFile;
use files::defined_in;
pub use files::shipped;
pub(crate) use files::{DEFINITIONS, ordered};

use crate::error::SchemaError;
use crate::tables::schema_object;

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
