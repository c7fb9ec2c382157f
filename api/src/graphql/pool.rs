//! Connections to Postgres with their prepared statements; a query whose asker goes away is cancelled in Postgres.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hotwash_schema::SchemaError;
use hotwash_schema::connect::{cancel, connect};
use hotwash_schema::loss::Loss;
use tokio::sync::Semaphore;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

/// Prepared statements kept a connection; further ones are prepared each time.
const MOST_STATEMENTS: usize = 256;

/// A pool of connections.
#[derive(Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    timeout: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
    statements: AtomicU64,
}

struct Connection {
    client: Client,
    prepared: HashMap<String, Statement>,
}

/// Why a query failed.
#[derive(Debug)]
pub enum QueryError {
    /// No connection.
    Connect(SchemaError),
    /// The database refused it.
    Database(tokio_postgres::Error),
}

impl Pool {
    /// A pool of at most `size` connections whose statements are cut off after `timeout`.
    pub fn new(url: &str, size: usize, timeout: Duration) -> Self {
        let inner = Inner {
            url: url.to_owned(),
            timeout,
            permits: Semaphore::new(size),
            idle: Mutex::default(),
            statements: AtomicU64::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Statements run so far, for measurements and tests.
    pub fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// Runs a statement with text parameters, preparing it once a connection.
    pub async fn query(&self, sql: &str, parameters: &[Option<String>]) -> Result<Vec<Row>, QueryError> {
        let _permit = self
            .inner
            .permits
            .acquire()
            .await
            .map_err(|_| QueryError::Connect(SchemaError::Database("the pool is closed".into())))?;
        let mut tries = 0;
        loop {
            tries += 1;
            let (connection, fresh) = self.take().await?;
            match self.run(connection, sql, parameters).await {
                // An idle connection may have died since its last use: a fresh one decides.
                Err(QueryError::Database(error)) if Loss::of(&error).is_some() && !fresh && tries < 4 => {}
                // A replica gives way to what it must replay; what was only read can be read again.
                Err(QueryError::Database(error)) if gave_way(&error) && tries < 4 => {}
                other => return other,
            }
        }
    }

    async fn take(&self) -> Result<(Connection, bool), QueryError> {
        let idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle.filter(|connection| !connection.client.is_closed()) {
            return Ok((connection, false));
        }
        let client = connect(&self.inner.url).await.map_err(QueryError::Connect)?;
        let set = format!(
            "set statement_timeout = {}; set default_transaction_read_only = on; set jit = off; set application_name = 'hotwash api'",
            self.inner.timeout.as_millis()
        );
        client.batch_execute(&set).await.map_err(QueryError::Database)?;
        Ok((Connection { client, prepared: HashMap::new() }, true))
    }

    async fn run(
        &self,
        connection: Connection,
        sql: &str,
        parameters: &[Option<String>],
    ) -> Result<Vec<Row>, QueryError> {
        let mut guard = Cancel { connection: Some(connection), pool: self };
        let Some(connection) = guard.connection.as_mut() else { return Ok(Vec::new()) };
        let statement = match connection.prepared.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                let types = vec![tokio_postgres::types::Type::TEXT; parameters.len()];
                let statement = connection.client.prepare_typed(sql, &types).await.map_err(QueryError::Database)?;
                if connection.prepared.len() < MOST_STATEMENTS {
                    connection.prepared.insert(sql.to_owned(), statement.clone());
                }
                statement
            }
        };
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        let values: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = connection.client.query(&statement, &values).await.map_err(QueryError::Database);
        guard.give_back();
        rows
    }
}

fn gave_way(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::T_R_SERIALIZATION_FAILURE)
}

/// Holds a connection while a query runs; dropped before its end, it cancels the query and lets the connection go.
struct Cancel<'a> {
    connection: Option<Connection>,
    pool: &'a Pool,
}

impl Cancel<'_> {
    fn give_back(mut self) {
        if let Some(connection) = self.connection.take().filter(|connection| !connection.client.is_closed()) {
            self.pool.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

impl Drop for Cancel<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let token = connection.client.cancel_token();
            let url = self.pool.inner.url.clone();
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move {
                    cancel(&url, token).await;
                    drop(connection);
                });
            }
        }
    }
}

impl From<QueryError> for async_graphql::Error {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Connect(error) => super::error::from_schema(&error),
            QueryError::Database(error) => super::error::from_database(&error),
        }
    }
}
