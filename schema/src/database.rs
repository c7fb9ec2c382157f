//! Chooses the database: the one named by a URL, or the private Postgres.

use crate::cluster::Cluster;
use crate::connect::{address, server};
use crate::error::SchemaError;
use crate::home::Home;
use crate::pool::Pool;

/// Database to work on; keeps the private Postgres running while it is used.
pub struct Database {
    pool: Pool,
    cluster: Option<Cluster>,
}

impl Database {
    /// Creates the database at an address.
    pub fn at(url: &str) -> Self {
        Self { pool: Pool::new(url), cluster: None }
    }

    /// Opens the private Postgres of a home folder, which is created and started if necessary.
    ///
    /// # Errors
    /// Fails when Postgres is not installed or cannot be started.
    pub async fn private(home: &Home) -> Result<Self, SchemaError> {
        Ok(Self::of(Cluster::open(home).await?))
    }

    /// Opens the private Postgres of a home folder, which is started if necessary, for commands
    /// that only read: creates nothing.
    ///
    /// # Errors
    /// Fails when the home folder contains no warehouse, or Postgres cannot be started.
    pub async fn private_existing(home: &Home) -> Result<Self, SchemaError> {
        Ok(Self::of(Cluster::open_existing(home).await?))
    }

    fn of(cluster: Cluster) -> Self {
        Self { pool: Pool::new(cluster.url()), cluster: Some(cluster) }
    }

    /// Restarts a private Postgres whenever it exits, until this value is dropped. The operator's
    /// own server is not affected.
    ///
    /// # Errors
    /// Fails when the system has no thread for it.
    pub fn supervise(&mut self) -> Result<(), SchemaError> {
        self.cluster.as_mut().map_or(Ok(()), Cluster::supervise)
    }

    /// Returns the connection URL, with the password.
    pub fn url(&self) -> &str {
        self.pool.url()
    }

    /// Returns the connection pool, which all work of a command shares.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Returns a description for people, without the password.
    pub fn description(&self) -> String {
        let server = address(self.url())
            .map_or_else(|_| "unknown".into(), |address| server(&address.config));
        match &self.cluster {
            Some(cluster) => {
                format!("private Postgres at {server}, in {}", cluster.folder().display())
            }
            None => format!("Postgres at {server}"),
        }
    }
}
