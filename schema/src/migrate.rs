//! Brings a database to this version's schema and reference data. Independent of records.

use std::fmt;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::{Connection, QueryDsl};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::copy;
use crate::copy::RunStatement;
use crate::error::SchemaError;
use crate::functions::{lock_session, to_regclass, unlock_session};
use crate::loss::Loss;
use crate::objects::{self, Applied, ObjectFile};
use crate::pool::{self, Pool};
use crate::profile::{self, Profile};
use crate::reference;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

diesel::table! {
    /// Migrations that were applied.
    __diesel_schema_migrations (version) {
        /// Version of the migration.
        version -> Text,
    }
}

/// Advisory lock that makes concurrent migrations wait for each other.
const LOCK: i64 = 0x0068_6f74_7761_7368;

/// A migration may change rows without running triggers. Every table therefore gets a new version,
/// and readers reload insert-only tables.
const RAISE_VERSIONS: &str = "update meta.table_version set \
    version = nextval('meta.warehouse_version_seq'), rewritten = rewritten + 1, \
    changed_at = now(); select pg_notify('hotwash_changed', '')";

/// Result of `migrate`.
#[derive(Clone, Debug, Default)]
pub struct MigrationReport {
    /// Migrations applied now.
    pub applied: Vec<String>,
    /// Files of views, functions, triggers and policies applied now.
    pub objects: Applied,
    /// Newest migration of the database.
    pub version: String,
    /// Name of the jurisdiction.
    pub profile: String,
    /// Reference rows added or changed now.
    pub reference_rows: u64,
}

impl fmt::Display for MigrationReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.applied.len() {
            0 => write!(out, "Schema is current ({}).", self.version)?,
            count => write!(
                out,
                "Schema brought to {} ({count} migration{} applied, {} views, functions, triggers \
                 and policies created).",
                self.version,
                if count == 1 { "" } else { "s" },
                self.objects.created
            )?,
        }
        if self.applied.is_empty() && !self.objects.files.is_empty() {
            let files: Vec<String> =
                self.objects.files.iter().map(|(file, why)| format!("{file} ({why})")).collect();
            write!(out, " Applied: {}.", files.join(", "))?;
        }
        if !self.objects.removed.is_empty() {
            write!(out, " Dropped, as their files are gone: {}.", self.objects.removed.join(", "))?;
        }
        match self.reference_rows {
            0 => write!(out, " Reference data of {} are current.", self.profile),
            rows => {
                write!(out, " {rows} reference rows of {} new or changed.", self.profile)
            }
        }
    }
}

/// Migrates the schema and upserts the reference data, using the warehouse's profile. Safe to
/// repeat, also in several processes at once.
pub async fn migrate(url: &str) -> Result<MigrationReport, SchemaError> {
    migrate_with(url, None).await
}

/// Migrates as [`migrate`] does, and sets the warehouse's jurisdiction profile. This process then
/// uses the profile.
///
/// # Errors
/// Fails if the warehouse contains records under an incompatible profile.
pub async fn migrate_with(
    url: &str,
    wanted: Option<&Profile>,
) -> Result<MigrationReport, SchemaError> {
    migrate_to(url, wanted, objects::shipped()).await
}

/// Migrates as [`migrate_with`] does, with other views, functions, triggers and policies. Simulates
/// another version of Hotwash.
pub async fn migrate_to(
    url: &str,
    wanted: Option<&Profile>,
    files: Vec<ObjectFile>,
) -> Result<MigrationReport, SchemaError> {
    let mut storing = copy::Connection::open(url).await?;
    RunStatement::execute(&storing, diesel::select(lock_session(LOCK))).await?;
    let mut connection = pool::connection(url).await?;
    let before = applied(&mut connection).await;
    let before = pool::or_lost(&mut connection, before).await?;
    refuse_unknown(&before)?;
    let (applied, objects) =
        tokio::task::spawn_blocking(move || bring_up_to_date(connection, &before, &files))
            .await
            .map_err(|error| SchemaError::Migration(error.to_string()))??;
    // One transaction, so that an invalid list leaves the warehouse with its former profile.
    let transaction = storing.begin().await?;
    let profile = profile::choose(&transaction, wanted).await?;
    let loaded = reference::load(&transaction, &profile).await?;
    transaction.commit().await?;
    RunStatement::execute(&storing, diesel::select(unlock_session(LOCK))).await?;
    let report = MigrationReport {
        applied,
        objects,
        version: newest_known()?,
        profile: profile.name.clone(),
        reference_rows: loaded,
    };
    profile::activate(profile)?;
    Ok(report)
}

/// Checks that the database has this version's schema; the error states the remedy. From then on,
/// this process uses the warehouse's profile.
///
/// # Errors
/// Fails if the version differs, or the database cannot be read.
pub async fn check(pool: &Pool) -> Result<(), SchemaError> {
    let profile = pool
        .run(async |connection| {
            let applied = applied(connection).await?;
            refuse_unknown(&applied)?;
            if !known()?.iter().all(|version| applied.contains(version)) {
                let found = applied.last().cloned().unwrap_or_else(|| "none".into());
                return Err(SchemaError::Older { found, known: newest_known()? });
            }
            objects::check(connection).await?;
            profile::read(connection).await
        })
        .await?;
    match profile {
        Some(profile) => profile::activate(profile),
        None => Ok(()),
    }
}

/// Returns the newest migration of a database.
///
/// # Errors
/// Fails if the database is newer than this program, or older.
pub async fn version(pool: &Pool) -> Result<String, SchemaError> {
    check(pool).await?;
    newest_known()
}

/// Applies missing migrations and then the objects, in one transaction. Objects that a migration
/// may affect are dropped first.
fn bring_up_to_date(
    connection: AsyncPgConnection,
    before: &[String],
    files: &[ObjectFile],
) -> Result<(Vec<String>, Applied), SchemaError> {
    let pending = known()?.iter().any(|version| !before.contains(version));
    let mut connection: AsyncConnectionWrapper<AsyncPgConnection> = connection.into();
    let result = connection.transaction(|connection| {
        let outdated = objects::drop_outdated(connection, files, pending)?;
        let applied = connection
            .run_pending_migrations(MIGRATIONS)
            .map_err(|error| SchemaError::migration(error.as_ref()))?;
        let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
        let objects = objects::apply(connection, outdated)?;
        if pending && !before.is_empty() {
            connection.batch_execute(RAISE_VERSIONS)?;
        }
        diesel::RunQueryDsl::execute(crate::bi::open_to_logins(), connection)?;
        Ok((applied, objects))
    });
    // Diesel's migrations keep only the text of an error, so the server is asked.
    match result {
        Err(_) if connection.batch_execute("").is_err() => Err(SchemaError::Lost(Loss::Closed)),
        result => result,
    }
}

/// Returns the migrations of a database, oldest first; none for an empty database.
async fn applied(connection: &mut AsyncPgConnection) -> Result<Vec<String>, SchemaError> {
    let table = diesel::select(to_regclass("public.__diesel_schema_migrations"));
    if table.get_result::<Option<u32>>(connection).await?.is_none() {
        return Ok(Vec::new());
    }
    let versions = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .order(__diesel_schema_migrations::version);
    Ok(versions.load(connection).await?)
}

/// Fails if the database has a migration that this program does not contain. Such a migration is
/// from a newer version, or was replaced.
pub(crate) fn refuse_unknown(applied: &[String]) -> Result<(), SchemaError> {
    let known = known()?;
    let newest = newest_known()?;
    match applied.iter().rev().find(|version| !known.contains(version)) {
        Some(found) if *found > newest => {
            Err(SchemaError::Newer { found: found.clone(), known: newest })
        }
        Some(found) => Err(SchemaError::Replaced { found: found.clone(), known: newest }),
        None => Ok(()),
    }
}

/// Returns the versions of the embedded migrations, oldest first.
fn known() -> Result<Vec<String>, SchemaError> {
    let migrations: Vec<Box<dyn Migration<Pg>>> =
        MIGRATIONS.migrations().map_err(|error| SchemaError::Migration(error.to_string()))?;
    let mut versions: Vec<String> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

/// Returns the version of the newest embedded migration.
fn newest_known() -> Result<String, SchemaError> {
    let none = || SchemaError::Migration("this build contains no migration".to_owned());
    known()?.pop().ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use diesel_async::AsyncPgConnection;

    use super::bring_up_to_date;
    use crate::connect::connect;
    use crate::doctor::examine;
    use crate::objects::{Reason, shipped};
    use crate::testing::TestDatabase;

    #[tokio::test]
    async fn a_migration_makes_every_object_again_and_raises_the_version_of_every_table() {
        let database = TestDatabase::new().await;
        let client = connect(database.url()).await.unwrap();
        let versions = "select table_name, version, rewritten from meta.table_version order by 1";
        let before = client.query(versions, &[]).await.unwrap();
        let connection = connect(database.url()).await.unwrap();
        let connection = AsyncPgConnection::try_from(connection).await.unwrap();
        // A database without the newest migration, from the caller's point of view.
        let known = ["20260101000000".to_owned()];
        let (applied, objects) = tokio::task::spawn_blocking(move || {
            bring_up_to_date(connection, &known, &shipped()).unwrap()
        })
        .await
        .unwrap();
        assert!(applied.is_empty());
        assert_eq!(objects.files.len(), shipped().len());
        assert!(objects.files.iter().all(|(_, reason)| *reason == Reason::Migration));
        let after = client.query(versions, &[]).await.unwrap();
        assert!(before.len() == after.len() && !before.is_empty());
        for (old, new) in before.iter().zip(&after) {
            let numbers = |row: &tokio_postgres::Row| (row.get::<_, i64>(1), row.get::<_, i64>(2));
            let ((old_version, old_rewritten), (version, rewritten)) = (numbers(old), numbers(new));
            assert!(version > old_version && rewritten == old_rewritten + 1, "{new:?}");
        }
        let findings = examine(database.pool()).await.unwrap();
        let objects = findings.last().unwrap();
        assert!(objects.invariant.starts_with("every view") && objects.broken == 0, "{objects:?}");
    }
}
