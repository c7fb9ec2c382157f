//! Which database to use: the one named by an address, or the private Postgres.

use crate::cluster::Cluster;
use crate::connect::{address, server};
use crate::error::SchemaError;
use crate::home::Home;

/// A database to work on; holds the private Postgres open while it is used.
pub struct Database {
    url: String,
    cluster: Option<Cluster>,
}

impl Database {
    /// The address given, or the private Postgres, started when it does not run.
    pub async fn resolve(url: Option<&str>, home: &Home) -> Result<Self, SchemaError> {
        match url {
            Some(url) => Ok(Self { url: url.to_owned(), cluster: None }),
            None => {
                let cluster = Cluster::open(home).await?;
                Ok(Self { url: cluster.url().to_owned(), cluster: Some(cluster) })
            }
        }
    }

    /// Its address, with the password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it is, for people: never the password.
    pub fn description(&self) -> String {
        let server = address(&self.url).map_or_else(|_| "unknown".into(), |address| server(&address.config));
        match &self.cluster {
            Some(cluster) => format!("private Postgres at {server}, in {}", cluster.folder().display()),
            None => format!("Postgres at {server}"),
        }
    }
}
