//! Creates a separate database for each test, cloned from a migrated template on a temporary
//! Postgres.

use std::path::PathBuf;

use diesel::dsl::exists;
use diesel::{ExpressionMethods, QueryDsl, select};
use diesel_async::RunQueryDsl;

use crate::cluster::Cluster;
use crate::database_statement::DatabaseStatement;
use crate::functions::{lock_session, pg_database, unlock_session};
use crate::home::{Home, is_root};
use crate::migrate::migrate;
use crate::pool::{Pool, connection};

/// Advisory lock that makes concurrent tests wait for the template.
const LOCK: i64 = 4711;

/// Migrated database with only reference data; deleted when dropped.
///
/// The drop waits until Postgres has deleted the database, and Postgres waits for every connection
/// that is just being opened: drop none while another future of the same task connects.
pub struct TestDatabase {
    pool: Pool,
    name: String,
    maintenance: String,
    _cluster: Cluster,
}

impl TestDatabase {
    /// Clones the template, which is created first if the migrations or the reference data have
    /// changed.
    ///
    /// # Panics
    /// When no Postgres can be started: a test cannot go on without one.
    #[expect(clippy::expect_used, reason = "for tests, which end here")]
    pub async fn new() -> Self {
        let home = Home::open(Some(&home_folder())).expect("the test home can be made");
        let cluster = Cluster::open(&home).await.expect("the test Postgres starts");
        let maintenance = cluster.url().to_owned();
        let template = format!("template_{}", fingerprint());
        let mut client = connection(&maintenance).await.expect("the test Postgres answers");
        let lock = select(lock_session(LOCK));
        lock.execute(&mut client).await.expect("the lock is granted");
        let made = pg_database::table
            .filter(pg_database::datname.eq(&template))
            .filter(pg_database::datistemplate);
        let is_made: bool =
            select(exists(made)).get_result(&mut client).await.expect("the catalog answers");
        if !is_made {
            DatabaseStatement::Drop(&template).execute(&mut client).await.expect("drops");
            DatabaseStatement::Create(&template).execute(&mut client).await.expect("creates");
            migrate(&with_database(&maintenance, &template)).await.expect("the template migrates");
            let mark = DatabaseStatement::MarkTemplate(&template);
            mark.execute(&mut client).await.expect("marks");
        }
        let name = format!("test_{:016x}", rand::random::<u64>());
        // A template must have no connections; the migrator's may take a moment to close.
        let create = || DatabaseStatement::CreateFrom(&name, &template);
        let mut tries = 0;
        while let Err(error) = create().execute(&mut client).await {
            tries += 1;
            assert!(tries < 100, "no test database: {error}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let unlock = select(unlock_session(LOCK));
        unlock.execute(&mut client).await.expect("the lock is released");
        let pool = Pool::new(&with_database(&maintenance, &name));
        Self { pool, name, maintenance, _cluster: cluster }
    }

    /// Returns the connection URL.
    pub fn url(&self) -> &str {
        self.pool.url()
    }

    /// Returns the connection pool of the database.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (maintenance, name) = (self.maintenance.clone(), self.name.clone());
        let dropper = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build()
            else {
                return;
            };
            runtime.block_on(async {
                if let Ok(mut client) = connection(&maintenance).await {
                    let _ = DatabaseStatement::Drop(&name).execute(&mut client).await;
                }
            });
        });
        let _ = dropper.join();
    }
}

fn with_database(url: &str, name: &str) -> String {
    let base = url.rsplit_once('/').map_or(url, |(base, _)| base);
    format!("{base}/{name}")
}

/// Returns a folder under the temporary one, which root's unprivileged Postgres user can reach.
fn home_folder() -> PathBuf {
    let who = if is_root() {
        "root".to_owned()
    } else {
        std::env::var("USER").unwrap_or_else(|_| "user".into())
    };
    std::env::temp_dir().join(format!("hotwash-tests-{who}"))
}

/// Returns a hash that changes with the migrations, the reference data and the objects.
fn fingerprint() -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    env!("HOTWASH_SCHEMA_FINGERPRINT").hash(&mut hasher);
    for file in crate::objects::shipped() {
        (file.name, file.digest).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
