//! Pool of Diesel connections, shared by the server and the commands. Postgres cancels the work of
//! a caller that goes away.

use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool::{self, Hook, HookError, Object};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolError, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures::FutureExt;

use crate::connect::{address, cancel, connect, server};
use crate::error::SchemaError;
use crate::loss::Loss;

/// Maximum time to wait for a connection, including opening it.
const WAIT: Duration = Duration::from_secs(30);
/// Maximum idle time of a connection. After it, a firewall may have dropped the connection.
const IDLE: Duration = Duration::from_secs(300);

/// Maximum time to wait for the answer to the empty statement.
const ANSWER: Duration = Duration::from_secs(5);

/// Time by which Postgres' own limit exceeds the pool's. It ends statements of a process that can
/// no longer cancel them.
const GRACE: Duration = Duration::from_secs(5);

/// Settings of a pool and of its connections.
#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Maximum number of connections.
    pub connections: usize,
    /// True for connections that cannot write.
    pub is_read_only: bool,
    /// Time limit for the work of one call of [`Pool::run`]; none for no limit.
    pub time_limit: Option<Duration>,
    /// Application name in Postgres' list of sessions; none for the name in the address.
    pub name: Option<&'static str>,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { connections: 8, is_read_only: false, time_limit: None, name: None }
    }
}

impl PoolOptions {
    /// Returns the statements that set up a connection, or none if the defaults apply.
    fn setup(self) -> Option<String> {
        let timeout = self.time_limit.map(|limit| {
            ["set statement_timeout = ", &(limit + GRACE).as_millis().to_string()].concat()
        });
        let read_only = self.is_read_only.then(|| {
            "set default_transaction_read_only = on; set jit = off; set datestyle = iso".to_owned()
        });
        let name = self.name.map(|name| ["set application_name = '", name, "'"].concat());
        let set: Vec<String> = timeout.into_iter().chain(read_only).chain(name).collect();
        (!set.is_empty()).then(|| set.join("; "))
    }
}

/// Pool of connections to one database, opened when first needed.
#[derive(Clone)]
pub struct Pool {
    url: String,
    time_limit: Option<Duration>,
    inner: deadpool::Pool<AsyncPgConnection>,
}

impl Pool {
    /// Returns a pool of read and write connections.
    pub fn new(url: &str) -> Self {
        Self::with_options(url, PoolOptions::default())
    }

    /// Returns a pool with other settings.
    ///
    /// # Panics
    /// Never panics: the pool has no timeouts of its own that need a runtime.
    #[expect(clippy::expect_used, reason = "a pool without timeouts needs no runtime")]
    pub fn with_options(url: &str, options: PoolOptions) -> Self {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |url| open(url.to_owned(), options).boxed());
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let inner = deadpool::Pool::builder(manager)
            .max_size(options.connections)
            .pre_recycle(Hook::<AsyncPgConnection>::sync_fn(|_, metrics| {
                if metrics.last_used() > IDLE {
                    return Err(HookError::message("unused for too long"));
                }
                Ok(())
            }))
            .build()
            .expect("no timeout is set");
        Self { url: url.to_owned(), time_limit: options.time_limit, inner }
    }

    /// Runs work on a connection. If the returned future is dropped early, or the time limit is
    /// exceeded, Postgres cancels the work and the connection is closed.
    ///
    /// The limit is a timer of the pool, because Diesel drops the SQLSTATE by which Postgres would
    /// report its own limit. The wait for a connection is not part of it.
    ///
    /// # Errors
    /// Fails if no connection is available, the work takes longer than the time limit
    /// ([`SchemaError::TimeLimit`]), or the work fails.
    pub async fn run<T, E: From<SchemaError>>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut held = Held { connection: Some(self.connection().await?), url: &self.url };
        let Some(connection) = held.connection.as_mut() else { return Err(closed().into()) };
        let work = work(connection);
        let result = match self.time_limit {
            // An early return drops `held`, which cancels the work.
            Some(limit) => {
                let ended = tokio::time::timeout(limit, work).await;
                ended.map_err(|_| SchemaError::TimeLimit(limit))?
            }
            None => work.await,
        };
        let result = or_lost(connection, result).await;
        held.connection = None;
        result
    }

    /// URL of the database, with the password.
    pub fn url(&self) -> &str {
        &self.url
    }

    async fn connection(&self) -> Result<Object<AsyncPgConnection>, SchemaError> {
        use deadpool::PoolError as Failure;
        match tokio::time::timeout(WAIT, self.inner.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(Failure::Backend(PoolError::ConnectionError(error)))) => Err(self.error(error)),
            Ok(Err(Failure::Backend(PoolError::QueryError(error)))) => Err(error.into()),
            Ok(Err(_)) => Err(closed()),
            Err(_) => Err(SchemaError::Database(
                "every connection of the pool has been in use for 30 seconds; try again".into(),
            )),
        }
    }

    /// Returns the error that [`open`] packed for Diesel.
    fn error(&self, error: ConnectionError) -> SchemaError {
        match error {
            ConnectionError::InvalidConnectionUrl(said) => SchemaError::Address(said),
            ConnectionError::BadConnection(said) => match address(&self.url) {
                Ok(address) => SchemaError::Unreachable { server: server(&address.config), said },
                Err(unparsed) => unparsed,
            },
            other => other.into(),
        }
    }
}

/// Opens a connection outside of any pool, for locks that last as long as a session.
///
/// # Errors
/// Fails as [`connect`] does.
pub async fn connection(url: &str) -> Result<AsyncPgConnection, SchemaError> {
    Ok(AsyncPgConnection::try_from(connect(url).await?).await?)
}

/// Replaces an error by the loss of the connection, if the server no longer answers on it. Diesel
/// drops the SQLSTATE of most errors, and their texts depend on the server's language.
///
/// # Errors
/// Fails with the error of the result, or with the loss.
pub async fn or_lost<T, E: From<SchemaError>>(
    connection: &mut AsyncPgConnection,
    result: Result<T, E>,
) -> Result<T, E> {
    if result.is_ok() {
        return result;
    }
    // The empty statement succeeds in a failed transaction, too.
    match tokio::time::timeout(ANSWER, connection.batch_execute("")).await {
        Ok(Ok(())) => result,
        _ => Err(SchemaError::Lost(Loss::Closed).into()),
    }
}

fn closed() -> SchemaError {
    SchemaError::Database("the pool of connections is closed".into())
}

/// Opens a connection as [`connect`] does.
async fn open(url: String, options: PoolOptions) -> ConnectionResult<AsyncPgConnection> {
    let client = connect(&url).await.map_err(|error| match error {
        SchemaError::Address(said) => ConnectionError::InvalidConnectionUrl(said),
        SchemaError::Unreachable { said, .. } => ConnectionError::BadConnection(said),
        other => ConnectionError::BadConnection(other.to_string()),
    })?;
    let mut connection = AsyncPgConnection::try_from(client).await?;
    if let Some(setup) = options.setup() {
        let set = connection.batch_execute(&setup).await;
        set.map_err(ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(connection)
}

/// Guard of a connection while work runs on it.
struct Held<'a> {
    connection: Option<Object<AsyncPgConnection>>,
    url: &'a str,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // Not returned to the pool: the next user would wait for the canceled statement.
        let connection = Object::<AsyncPgConnection>::take(connection);
        let (running, url) = (connection.cancel_token(), self.url.to_owned());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                cancel(&url, running).await;
                drop(connection);
            });
        }
    }
}
