//! Runs the private Postgres: finds, initializes and starts it when first needed, shares it among
//! all commands, and stops it after the last.
//!
//! Users of the running server share a lock on `users.lock`. A process that can lock it exclusively
//! is the last user and stops the server, unless `postgres start` left the file `keep`. Starting
//! and stopping require `control.lock`. The port is recorded in the file `port` and changes only
//! while nobody uses the server, so every address stays valid.

mod place;
mod port;
mod processes;
mod programs;
mod supervisor;

use std::fs::File;
use std::path::{Path, PathBuf};

use diesel_async::RunQueryDsl;
use fs4::fs_std::FileExt;
use place::{DATABASE, Place, has_database, path_error};
pub use programs::Programs;
use serde::Serialize;
use supervisor::Supervisor;
use tokio::task::spawn_blocking;

use crate::connect::{address, server};
use crate::database_statement::DatabaseStatement;
use crate::error::SchemaError;
use crate::home::Home;
use crate::pool::connection;

/// Running private Postgres. The server stops when the last guard of all processes is dropped.
pub struct Cluster {
    place: Place,
    url: String,
    users: Option<File>,
    supervisor: Option<Supervisor>,
}

/// State of the private Postgres, as printed by `hotwash postgres status`.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Postgres is running.
    pub running: bool,
    /// Address for psql and other tools, with the password; empty if Postgres is not running.
    pub url: Option<String>,
    /// Data folder of the cluster.
    pub folder: PathBuf,
    /// Log file of the cluster.
    pub log: PathBuf,
    /// Postgres continues to run after its last user.
    pub keep: bool,
}

impl Status {
    /// Returns host, port and database, without the password; none if Postgres is not running.
    pub fn server(&self) -> Option<String> {
        Some(server(&address(self.url.as_deref()?).ok()?.config))
    }
}

impl Cluster {
    /// Finds or starts the server, and creates what is missing: the folder, the cluster, the
    /// database.
    ///
    /// # Errors
    /// Fails when Postgres is not installed or cannot be started.
    pub async fn open(home: &Home) -> Result<Self, SchemaError> {
        let (cluster, maintenance, _control) = Self::run(Place::prepare(home)?).await?;
        let mut connection = connection(&maintenance).await?;
        if !has_database(&mut connection).await? {
            DatabaseStatement::Create(DATABASE).execute(&mut connection).await?;
        }
        Ok(cluster)
    }

    /// Finds or starts the server, for commands that only read: creates nothing.
    ///
    /// # Errors
    /// Fails when the home folder contains no warehouse, or Postgres cannot be started.
    pub async fn open_existing(home: &Home) -> Result<Self, SchemaError> {
        let (cluster, maintenance, _control) = Self::run(Place::find(home)?).await?;
        if has_database(&mut connection(&maintenance).await?).await? {
            return Ok(cluster);
        }
        Err(SchemaError::NoWarehouse {
            path: home.path().into(),
            reason: "its Postgres has no database hotwash",
        })
    }

    /// Starts or finds the server; returns it, the address of its maintenance database, and the
    /// start lock.
    async fn run(place: Place) -> Result<(Self, String, File), SchemaError> {
        // A thread waits, not the runtime: the task that holds the lock may be of the same runtime.
        let waiting = place.clone();
        let control = spawn_blocking(move || waiting.lock("control.lock", true)).await;
        let control = control.map_err(|error| path_error(&place.folder, error.into()))??;
        let is_used =
            !FileExt::try_lock_exclusive(&place.open_lock("users.lock")?).unwrap_or(false);
        let users = place.lock("users.lock", false)?;
        let maintenance = place.run(!is_used).await?;
        let url = place.database_url(&maintenance);
        Ok((Self { url, place, users: Some(users), supervisor: None }, maintenance, control))
    }

    /// Restarts the server whenever it exits, until this guard is dropped.
    ///
    /// # Errors
    /// Fails when the system has no thread for it.
    pub fn supervise(&mut self) -> Result<(), SchemaError> {
        self.supervisor = Some(Supervisor::start(self.place.clone())?);
        Ok(())
    }

    /// Returns the address of the database, with its password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the folder of the cluster.
    pub fn folder(&self) -> &Path {
        &self.place.folder
    }

    /// Starts Postgres and leaves it running until [`Cluster::stop`].
    pub async fn start(home: &Home) -> Result<Status, SchemaError> {
        let cluster = Self::open(home).await?;
        cluster.place.write("keep", "")?;
        Self::status(home).await
    }

    /// Stops Postgres, even if others use it.
    pub async fn stop(home: &Home) -> Result<(), SchemaError> {
        let place = Place::find(home)?;
        let _control = place.lock("control.lock", true)?;
        let _ = std::fs::remove_file(place.folder.join("keep"));
        place.stop("fast")
    }

    /// Returns whether Postgres is running, and its address. Creates nothing.
    pub async fn status(home: &Home) -> Result<Status, SchemaError> {
        let place = Place::find(home)?;
        let url = place.running_url().await.map(|url| place.database_url(&url));
        Ok(Status {
            running: url.is_some(),
            url,
            folder: place.folder.join("data"),
            log: place.folder.join("postgres.log"),
            keep: place.folder.join("keep").exists(),
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The supervisor is dropped first, so that it does not restart a stopped server.
        self.supervisor = None;
        let Ok(_control) = self.place.lock("control.lock", true) else { return };
        drop(self.users.take());
        if self.place.folder.join("keep").exists() {
            return;
        }
        let Ok(file) = self.place.open_lock("users.lock") else { return };
        if FileExt::try_lock_exclusive(&file).unwrap_or(false)
            && let Err(error) = self.place.stop("fast")
        {
            tracing::warn!(%error, "the private Postgres could not be stopped");
        }
    }
}
