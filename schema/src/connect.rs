//! One connection to Postgres, with errors that name the server and never the password.

use std::time::Duration;

use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

use crate::error::{SchemaError, said};

/// Connects, names the application and leaves the connection to a task of its own.
pub async fn connect(url: &str) -> Result<Client, SchemaError> {
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| SchemaError::Unreachable {
        server: "DATABASE_URL".into(),
        said: format!(
            "it is no Postgres address ({}); write postgres://USER:PASSWORD@HOST:PORT/DATABASE",
            said(&error)
        ),
    })?;
    config.connect_timeout(Duration::from_secs(10));
    if config.get_application_name().is_none() {
        config.application_name("hotwash");
    }
    let (client, connection) = config
        .connect(NoTls)
        .await
        .map_err(|error| SchemaError::Unreachable { server: server(&config), said: said(&error) })?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = %said(&error), "connection ended");
        }
    });
    Ok(client)
}

/// Host and port of an address, for messages.
pub fn server(config: &Config) -> String {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => format!("{host}:{port}"),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => format!("{} (port {port})", folder.display()),
        None => format!("localhost:{port}"),
    }
}
