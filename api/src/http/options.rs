//! Where and how to serve, with its limits.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, bail};
use hotwash_schema::home::Home;

/// Options of `serve` and `demo`.
#[derive(clap::Args, Clone, Debug)]
pub struct ServerOptions {
    /// Address and port to listen on; port 0 takes any free one
    #[arg(long, env = "HOTWASH_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: String,
    /// Connections to Postgres
    #[arg(long, default_value_t = 16, value_name = "NUMBER")]
    pub connections: usize,
    /// Threads that answer requests
    #[arg(long, default_value_t = 2, value_name = "NUMBER")]
    pub workers: usize,
    /// Longest time for a request, in milliseconds; its SQL is cancelled then
    #[arg(long, env = "HOTWASH_TIMEOUT_MS", default_value_t = 10_000, value_name = "MS")]
    pub timeout_ms: u64,
    /// Deepest nesting of a query
    #[arg(long, default_value_t = 15, value_name = "LEVELS")]
    pub max_depth: usize,
    /// Most fields of a query, aliases counted
    #[arg(long, default_value_t = 1_000, value_name = "NUMBER")]
    pub max_fields: usize,
    /// Most fields times records of a list
    #[arg(long, default_value_t = 500_000, value_name = "NUMBER")]
    pub max_cost: u64,
    /// Largest request body in bytes
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES")]
    pub max_body_bytes: usize,
    /// Most queries in one batched request
    #[arg(long, default_value_t = 10, value_name = "NUMBER")]
    pub max_batch: usize,
}

/// A server to be started.
pub struct ServerConfig {
    /// Database.
    pub url: String,
    /// Home folder.
    pub home: Home,
    /// Options.
    pub options: ServerOptions,
}

impl ServerConfig {
    /// On this database.
    pub fn new(url: &str, home: Home, options: ServerOptions) -> Self {
        Self { url: url.to_owned(), home, options }
    }
}

impl ServerOptions {
    /// The address; beyond loopback it is refused, for there is no one at the door yet.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        let address: SocketAddr = self
            .listen
            .replace("localhost", "127.0.0.1")
            .parse()
            .with_context(|| format!("--listen {}: write it as ADDRESS:PORT, e.g. 127.0.0.1:8080", self.listen))?;
        let loopback = match address.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.is_loopback(),
        };
        if !loopback {
            bail!(
                "{address} is open to other machines, and this version of Hotwash knows no keys yet: it serves the local machine alone; \
                 put a proxy that checks who asks before it, or listen on 127.0.0.1"
            );
        }
        Ok(address)
    }
}
