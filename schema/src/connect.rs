//! Opens one connection to Postgres, encrypted if the address or the server requires it. Errors
//! name the server, but never contain the password.

mod failure;
mod tls;

use std::time::Duration;

use tokio_postgres::config::Host;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{CancelToken, Client, Config, NoTls, Socket};

use crate::error::SchemaError;
pub use failure::DriverError;
pub use tls::Address;

/// Connects, sets the application name, and runs the connection in its own task.
///
/// # Errors
/// Fails when the address is invalid, the server cannot be reached or rejects the connection, or
/// its identity is not the expected one.
pub async fn connect(url: &str) -> Result<Client, SchemaError> {
    let address = address(url)?;
    let tls = address.tls()?;
    let mut config = address.config;
    config.connect_timeout(Duration::from_secs(10));
    if config.get_application_name().is_none() {
        config.application_name("hotwash");
    }
    let connected = match tls {
        Some(tls) => begin(&config, tls).await,
        None => begin(&config, NoTls).await,
    };
    connected.map_err(|error| SchemaError::Unreachable {
        server: server(&config),
        said: DriverError::from(error).to_string(),
    })
}

/// Parses a connection URL.
///
/// # Errors
/// Fails if the URL is invalid.
pub fn address(url: &str) -> Result<Address, SchemaError> {
    Ok(Address::read(url)?)
}

async fn begin<T>(config: &Config, tls: T) -> Result<Client, tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket> + Send,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let (client, connection) = config.connect(tls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = %DriverError::from(error), "connection ended");
        }
    });
    Ok(client)
}

/// Cancels the running query of a connection to this address.
pub async fn cancel(url: &str, running: CancelToken) {
    let cancelled = match Address::read(url).and_then(|address| address.tls()) {
        Ok(Some(tls)) => running.cancel_query(tls).await,
        _ => running.cancel_query(NoTls).await,
    };
    if let Err(error) = cancelled {
        tracing::debug!(error = %DriverError::from(error), "a query could not be canceled");
    }
}

/// Returns host and port of an address, for messages.
pub fn server(config: &Config) -> String {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => format!("{host}:{port}"),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => format!("{} (port {port})", folder.display()),
        None => format!("localhost:{port}"),
    }
}
