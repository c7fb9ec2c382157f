//! Drops and creates objects in the transaction of a migration.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;

use super::{DEFINITIONS, ObjectFile, defined_in, ordered};
use crate::error::SchemaError;
use crate::statement::filled;
use crate::tables::schema_object;

type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

/// Reason for applying a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The database lacked the file.
    New,
    /// The file differs from the one applied before.
    Changed,
    /// An object of the file was changed or dropped outside Hotwash.
    Altered,
    /// A file that it requires was applied.
    Requires(String),
    /// A migration was applied, which drops every object first.
    Migration,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => out.write_str("new"),
            Self::Changed => out.write_str("changed"),
            Self::Altered => out.write_str("was changed in the database by hand"),
            Self::Requires(name) => write!(out, "requires {name}"),
            Self::Migration => out.write_str("after a migration"),
        }
    }
}

/// Applied files, and files whose objects were permanently dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Applied files in order, each with its reason.
    pub files: Vec<(String, Reason)>,
    /// Files that no longer exist; their objects were dropped.
    pub removed: Vec<String>,
    /// Number of objects created.
    pub created: usize,
}

impl Applied {
    /// Returns whether there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.removed.is_empty()
    }
}

/// Object as created by `migrate`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema_object, check_for_backend(diesel::pg::Pg))]
struct Recorded {
    name: String,
    file: String,
    file_digest: String,
    position: i32,
    definition_digest: String,
}

/// Object as defined in the database.
#[derive(QueryableByName)]
pub(super) struct Definition {
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    #[diesel(sql_type = Text)]
    pub(super) digest: String,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Files to apply after dropping their objects and those of removed files.
pub(crate) struct Outdated<'a> {
    order: Vec<&'a ObjectFile>,
    reasons: BTreeMap<&'a str, Reason>,
    removed: Vec<String>,
}

/// Drops the objects of each file that changed, was removed or requires a changed one. With
/// `migrating`, drops the objects of all files.
pub(crate) fn drop_outdated<'a>(
    connection: &mut Connection,
    files: &'a [ObjectFile],
    migrating: bool,
) -> Result<Outdated<'a>, SchemaError> {
    let order = ordered(files)?;
    let recorded = recorded(connection)?;
    let present = if recorded.is_empty() { BTreeMap::new() } else { definitions(connection)? };
    let mut reasons = BTreeMap::new();
    for file in &order {
        let mut own = recorded.iter().filter(|object| object.file == file.name).peekable();
        let required = file.requires.iter().find(|name| reasons.contains_key(name.as_str()));
        let reason = if own.peek().is_none() {
            Some(Reason::New)
        } else if migrating {
            Some(Reason::Migration)
        } else if own.clone().any(|object| object.file_digest != file.digest) {
            Some(Reason::Changed)
        } else if own.any(|object| present.get(&object.name) != Some(&object.definition_digest)) {
            Some(Reason::Altered)
        } else {
            required.map(|name| Reason::Requires(name.clone()))
        };
        if let Some(reason) = reason {
            reasons.insert(file.name.as_str(), reason);
        }
    }
    let mut removed = BTreeSet::new();
    for object in recorded {
        if order.iter().all(|file| file.name != object.file) {
            removed.insert(object.file.clone());
        } else if !reasons.contains_key(object.file.as_str()) {
            continue;
        }
        if present.contains_key(&object.name) {
            connection
                .batch_execute(&format!("drop {}", object.name))
                .map_err(|error| failed(&object.file, &error))?;
        }
        diesel::delete(schema_object::table.find(&object.name)).execute(connection)?;
    }
    Ok(Outdated { order, reasons, removed: removed.into_iter().collect() })
}

/// Enables row-level security wherever a policy is written.
const ENABLE_POLICIES: &str = include_str!("enable_policies.sql");

/// Applies the files and records the objects that they created. Enables row-level security on the
/// tables of their policies, so that neither a migration nor a file has to.
pub(crate) fn apply(
    connection: &mut Connection,
    outdated: Outdated<'_>,
) -> Result<Applied, SchemaError> {
    let Outdated { order, mut reasons, removed } = outdated;
    let mut applied = Applied { removed, ..Applied::default() };
    let mut made: Vec<(String, &ObjectFile, i32)> = Vec::new();
    let mut before = if reasons.is_empty() { BTreeSet::new() } else { names(connection)? };
    for (position, file) in (1..).zip(&order) {
        diesel::update(schema_object::table.filter(schema_object::file.eq(&file.name)))
            .set(schema_object::position.eq(position))
            .execute(connection)?;
        let Some(reason) = reasons.remove(file.name.as_str()) else { continue };
        connection.batch_execute(&file.sql).map_err(|error| failed(&file.name, &error))?;
        let after = names(connection)?;
        let new: Vec<String> = after.difference(&before).cloned().collect();
        if new.is_empty() {
            return Err(SchemaError::Migration(format!(
                "{} defines no view, function, trigger or policy",
                defined_in(&file.name)
            )));
        }
        made.extend(new.into_iter().map(|name| (name, *file, position)));
        applied.files.push((file.name.clone(), reason));
        before = after;
    }
    applied.created = made.len();
    connection.batch_execute(ENABLE_POLICIES)?;
    if made.is_empty() {
        return Ok(applied);
    }
    let mut present = definitions(connection)?;
    let rows: Vec<Recorded> = made
        .into_iter()
        .filter_map(|(name, file, position)| {
            let definition_digest = present.remove(&name)?;
            let (file, file_digest) = (file.name.clone(), file.digest.clone());
            Some(Recorded { name, file, file_digest, position, definition_digest })
        })
        .collect();
    diesel::insert_into(schema_object::table).values(rows).execute(connection)?;
    Ok(applied)
}

/// Returns the recorded objects, newest first.
fn recorded(connection: &mut Connection) -> QueryResult<Vec<Recorded>> {
    let exists = sql::<Bool>("to_regclass('meta.schema_object') is not null");
    if !diesel::select(exists).get_result::<bool>(connection)? {
        return Ok(Vec::new());
    }
    schema_object::table
        .order((schema_object::position.desc(), schema_object::name.desc()))
        .select(Recorded::as_select())
        .load(connection)
}

fn definitions(connection: &mut Connection) -> QueryResult<BTreeMap<String, String>> {
    let rows: Vec<Definition> = qualified(connection, DEFINITIONS)?;
    Ok(rows.into_iter().map(|row| (row.name, row.digest)).collect())
}

fn names(connection: &mut Connection) -> QueryResult<BTreeSet<String>> {
    let query = filled(include_str!("names.sql"), &[("definitions", DEFINITIONS)]);
    let rows: Vec<Name> = qualified(connection, &query)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Runs a query for which Postgres qualifies every name with its schema.
fn qualified<T>(connection: &mut Connection, query: &str) -> QueryResult<Vec<T>>
where
    T: QueryableByName<diesel::pg::Pg> + 'static,
{
    connection.batch_execute("set local search_path = pg_catalog")?;
    let rows = diesel::sql_query(query).load(connection)?;
    connection.batch_execute("set local search_path to default")?;
    Ok(rows)
}

/// Converts the error of a file. Adds what Postgres reports, such as a foreign object that depends
/// on one of ours, and the remedy.
fn failed(file: &str, error: &diesel::result::Error) -> SchemaError {
    use diesel::result::Error::DatabaseError;
    let file = defined_in(file);
    if let DatabaseError(_, told) = error
        && let Some(details) = told.details()
    {
        return SchemaError::Migration(format!(
            "{file}: {} ({details}); drop what is not part of Hotwash, run `hotwash migrate` and \
             create it again",
            told.message()
        ));
    }
    match SchemaError::migration(error) {
        SchemaError::Migration(message) => SchemaError::Migration(format!("{file}: {message}")),
        lost => lost,
    }
}
