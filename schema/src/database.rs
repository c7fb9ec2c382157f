//! Choice of the database: the one named by a URL, or the private Postgres.

use crate::cluster::Cluster;
use crate::connect::{address, server};
use crate::error::SchemaError;
use crate::home::Home;
use crate::pool::Pool;

/// A database to work on; holds the private Postgres open while it is used.
pub struct Database {
    pool: Pool,
    cluster: Option<Cluster>,
}

impl Database {
    /// The database at an address.
    pub fn at(url: &str) -> Self {
        Self { pool: Pool::new(url), cluster: None }
    }

    /// The private Postgres of a home folder, created and started when it is missing.
    ///
    /// # Errors
    /// Fails when Postgres is not installed or cannot be started.
    pub async fn private(home: &Home) -> Result<Self, SchemaError> {
        Ok(Self::of(Cluster::open(home).await?))
    }

    /// The private Postgres of a home folder, started when it does not run. For commands that only
    /// read: creates nothing.
    ///
    /// # Errors
    /// Fails when the home folder holds no warehouse, or Postgres cannot be started.
    pub async fn private_existing(home: &Home) -> Result<Self, SchemaError> {
        Ok(Self::of(Cluster::open_existing(home).await?))
    }

    fn of(cluster: Cluster) -> Self {
        Self { pool: Pool::new(cluster.url()), cluster: Some(cluster) }
    }

    /// Starts a private Postgres again whenever it is gone, until this is dropped. A server of the
    /// operator's own is theirs.
    ///
    /// # Errors
    /// Fails when the system has no thread for it.
    pub fn supervise(&mut self) -> Result<(), SchemaError> {
        self.cluster.as_mut().map_or(Ok(()), Cluster::supervise)
    }

    /// Connection URL, with the password.
    pub fn url(&self) -> &str {
        self.pool.url()
    }

    /// Connections to the database, which all of a command's work shares.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Description for people, without the password.
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
