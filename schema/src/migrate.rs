//! Brings a database to this version's schema and reference data; knows no records.

use std::fmt;
use std::path::Path;

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connect::connect;
use crate::error::SchemaError;
use crate::reference;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Two migrators at once wait for each other on this advisory lock.
const LOCK: i64 = 0x0068_6f74_7761_7368;

/// Result of `migrate`.
#[derive(Clone, Debug, Default)]
pub struct MigrationReport {
    /// Migrations applied now.
    pub applied: Vec<String>,
    /// Newest migration of the database.
    pub version: String,
    /// Reference rows new or changed now.
    pub reference_rows: u64,
    /// Remarks, e.g. published region sizes that differ.
    pub warnings: Vec<String>,
}

impl fmt::Display for MigrationReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.applied.len() {
            0 => write!(out, "Schema is current ({}).", self.version)?,
            count => {
                write!(out, "Schema brought to {} ({count} migrations applied).", self.version)?
            }
        }
        match self.reference_rows {
            0 => write!(out, " Reference data are current.")?,
            rows => write!(out, " {rows} reference rows new or changed.")?,
        }
        for warning in &self.warnings {
            write!(out, "\nwarning: {warning}")?;
        }
        Ok(())
    }
}

/// Migrates and upserts the shipped reference data. Safe to run again, and by several processes at
/// once.
pub async fn migrate(url: &str) -> Result<MigrationReport, SchemaError> {
    migrate_with(url, None).await
}

/// As [`migrate`], with reference files of a deployment's own taking the place of the shipped ones
/// of the same name.
pub async fn migrate_with(
    url: &str,
    own_reference: Option<&Path>,
) -> Result<MigrationReport, SchemaError> {
    let mut client = connect(url).await?;
    client.execute("select pg_advisory_lock($1)", &[&LOCK]).await?;
    refuse_newer(&applied(&client).await?)?;
    let connection = AsyncPgConnection::try_from(connect(url).await?).await?;
    let applied_now = tokio::task::spawn_blocking(move || run_pending(connection))
        .await
        .map_err(|error| SchemaError::Migration(error.to_string()))??;
    let loaded = reference::load(&mut client, own_reference).await?;
    crate::access::visible::install(&mut client).await?;
    crate::bi::refresh(&client).await?;
    client.execute("select pg_advisory_unlock($1)", &[&LOCK]).await?;
    Ok(MigrationReport {
        applied: applied_now,
        version: newest_known(),
        reference_rows: loaded.changed,
        warnings: loaded.warnings,
    })
}

/// Returns whether the database is at this version's schema; the error says what to do.
pub async fn check(url: &str) -> Result<(), SchemaError> {
    let client = connect(url).await?;
    let applied = applied(&client).await?;
    refuse_newer(&applied)?;
    let known = known();
    if known.iter().all(|version| applied.contains(version)) {
        return Ok(());
    }
    let found = applied.last().cloned().unwrap_or_else(|| "none".into());
    Err(SchemaError::Older { found, known: newest_known() })
}

/// Newest migration of a database.
///
/// # Errors
/// Fails when the database is newer than this program, or older.
pub async fn version(url: &str) -> Result<String, SchemaError> {
    check(url).await?;
    Ok(newest_known())
}

fn run_pending(connection: AsyncPgConnection) -> Result<Vec<String>, SchemaError> {
    let mut connection: AsyncConnectionWrapper<AsyncPgConnection> = connection.into();
    let applied = connection
        .run_pending_migrations(MIGRATIONS)
        .map_err(|error| SchemaError::migration(error.as_ref()))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

async fn applied(client: &tokio_postgres::Client) -> Result<Vec<String>, SchemaError> {
    let there: bool = client
        .query_one("select to_regclass('public.__diesel_schema_migrations') is not null", &[])
        .await?
        .get(0);
    if !there {
        return Ok(Vec::new());
    }
    let rows = client
        .query("select version from public.__diesel_schema_migrations order by version", &[])
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn refuse_newer(applied: &[String]) -> Result<(), SchemaError> {
    let known = known();
    match applied.iter().rev().find(|version| !known.contains(version)) {
        Some(found) => Err(SchemaError::Newer { found: found.clone(), known: newest_known() }),
        None => Ok(()),
    }
}

/// Versions of the embedded migrations, oldest first.
fn known() -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().unwrap_or_default();
    let mut versions: Vec<String> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    versions
}

/// Version of the newest embedded migration.
pub fn newest_known() -> String {
    known().pop().unwrap_or_default()
}
