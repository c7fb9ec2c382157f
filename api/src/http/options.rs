//! Server options: address, limits, caches and TLS.

use std::net::SocketAddr;
use std::path::PathBuf;

use actix_cors::Cors;
use actix_web::HttpRequest;
use actix_web::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, ORIGIN, RETRY_AFTER,
};
use actix_web::middleware::Condition;
use anyhow::{Context as _, bail};
use hotwash_cache::{CacheBudget, DEFAULT_MEBIBYTES, Part};

use super::pinned;
use crate::alerts::AlertOptions;
use crate::engine::EngineOptions;
use crate::oidc::OidcOptions;
use crate::pack::PackOptions;
use hotwash_graphql::Limits;

/// Groups of options in the help.
const ADDRESS: &str = "Address, TLS and requests";
const DATABASE: &str = "Database";
const QUERIES: &str = "Limits of a GraphQL query";
const CLIENTS: &str = "Limits of a client";
const CACHES: &str = "Caches";
const REPORT: &str = "Report and releases";

/// Options of `serve` and `demo`.
#[derive(clap::Args, Clone, Debug)]
pub struct ServerOptions {
    /// Address and port to listen on; port 0 takes any free one
    #[arg(
        long,
        env = "HOTWASH_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS:PORT", help_heading = ADDRESS)]
    pub listen: String,
    /// Read replica for lists, exports and snapshots; key use and the access log are written to the
    /// primary database
    #[arg(long, env = "HOTWASH_READ_URL", hide_env_values = true, value_name = "URL", help_heading = DATABASE)]
    pub read_url: Option<String>,
    /// Number of connections to Postgres
    #[arg(long, default_value_t = 16, value_name = "NUMBER", help_heading = DATABASE)]
    pub connections: usize,
    /// Connections to Postgres that one key may use at once; its other queries wait. Default: half
    /// of --connections
    #[arg(long, value_name = "NUMBER", help_heading = DATABASE)]
    pub connections_per_key: Option<usize>,
    /// Worker threads that answer requests
    #[arg(long, default_value_t = 2, value_name = "NUMBER", help_heading = ADDRESS)]
    pub workers: usize,
    /// Time limit of a request in milliseconds; its SQL is canceled after that
    #[arg(long, env = "HOTWASH_TIMEOUT_MS", default_value_t = 10_000, value_name = "MS", help_heading = ADDRESS)]
    pub timeout_ms: u64,
    /// Maximum nesting depth of a query
    #[arg(long, default_value_t = 15, value_name = "LEVELS", help_heading = QUERIES)]
    pub max_depth: usize,
    /// Maximum number of fields in a query, aliases included
    #[arg(long, default_value_t = 1_000, value_name = "NUMBER", help_heading = QUERIES)]
    pub max_fields: usize,
    /// Maximum number of aliased fields in a query
    #[arg(long, default_value_t = 200, value_name = "NUMBER", help_heading = QUERIES)]
    pub max_aliases: usize,
    /// Maximum number of directives in a query
    #[arg(long, default_value_t = 200, value_name = "NUMBER", help_heading = QUERIES)]
    pub max_directives: usize,
    /// Maximum cost of a query: its fields times the records they are read for. A list counts
    /// `first` records (50 without it), a filter condition costs 20, a text search 500
    #[arg(long, default_value_t = 2_000_000, value_name = "NUMBER", help_heading = QUERIES)]
    pub max_cost: u64,
    /// Query cost that one key may spend per minute; 0 for no limit
    #[arg(long, default_value_t = 100_000_000, value_name = "NUMBER", help_heading = QUERIES)]
    pub budget: u64,
    /// Run only the documents in this file: a JSON object of ids and documents, or an Apollo
    /// manifest
    #[arg(long, env = "HOTWASH_TRUSTED_DOCUMENTS", value_name = "FILE", help_heading = QUERIES)]
    pub trusted_documents: Option<PathBuf>,
    /// Origin whose pages may query from a browser, e.g. `https://charts.example.org`; repeat for
    /// more
    #[arg(long, env = "HOTWASH_ALLOW_ORIGIN", value_delimiter = ',', value_name = "ORIGIN", help_heading = ADDRESS)]
    pub allow_origin: Vec<String>,
    /// Maximum size of a request body in bytes
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES", help_heading = CLIENTS)]
    pub max_body_bytes: usize,
    /// Maximum number of queries in one batched request
    #[arg(long, default_value_t = 10, value_name = "NUMBER", help_heading = QUERIES)]
    pub max_batch: usize,
    /// Requests per second allowed for one key, with bursts of four times as many; 0 for no limit
    #[arg(long, default_value_t = 50, value_name = "NUMBER", help_heading = CLIENTS)]
    pub rate: u32,
    /// Maximum number of open WebSockets and event streams per key
    #[arg(long, default_value_t = 100, value_name = "NUMBER", help_heading = CLIENTS)]
    pub max_sockets: usize,
    /// Maximum number of running operations per key over WebSockets and event streams
    #[arg(long, default_value_t = 100, value_name = "NUMBER", help_heading = CLIENTS)]
    pub max_subscriptions: usize,
    /// Memory for all caches in MiB: columns of large record types, cubes and rows of metrics,
    /// answers, parsed documents and verified keys; 0 turns all off
    #[arg(
        long,
        env = "HOTWASH_CACHE_MIB",
        default_value_t = DEFAULT_MEBIBYTES,
        value_name = "MIB", help_heading = CACHES)]
    pub cache_mib: usize,
    /// Part of the cache to turn off, to measure what it gains or to find a fault; repeat for more:
    /// columns, cubes, answers, rows, snapshots, documents or credentials
    #[arg(long, value_name = "PART", help_heading = CACHES)]
    pub no_cache: Vec<Part>,
    /// Total time in milliseconds that Postgres spends on aggregates over a column before the
    /// column is cached
    #[arg(long, default_value_t = 500, value_name = "MS", help_heading = CACHES)]
    pub column_cache_after_ms: u64,
    /// Prerender the report after each change when the warehouse has at least this many rows
    #[arg(long, env = "HOTWASH_PRERENDER_ROWS", default_value_t = 200_000, value_name = "ROWS", help_heading = REPORT)]
    pub prerender_rows: usize,
    /// Make the schema a subgraph of Apollo Federation 2, for gateways
    #[arg(long, env = "HOTWASH_FEDERATION", help_heading = ADDRESS)]
    pub federation: bool,
    /// Do not release numbers every month; `hotwash release` still does
    #[arg(long, env = "HOTWASH_NO_RELEASES", help_heading = REPORT)]
    pub no_releases: bool,
    /// Seconds to keep accepting requests after a stop signal, while /readyz answers "stopping" for
    /// load balancers
    #[arg(long, env = "HOTWASH_DRAIN_SECONDS", default_value_t = 0, value_name = "SECONDS", help_heading = ADDRESS)]
    pub drain_seconds: u64,
    /// TLS certificate chain in PEM
    #[arg(long, env = "HOTWASH_TLS_CERTIFICATE", value_name = "FILE", help_heading = ADDRESS)]
    pub tls_certificate: Option<PathBuf>,
    /// TLS private key in PEM
    #[arg(long, env = "HOTWASH_TLS_KEY", value_name = "FILE", help_heading = ADDRESS)]
    pub tls_key: Option<PathBuf>,
    /// Remote query engine.
    #[command(flatten, next_help_heading = "Remote engine")]
    pub engine: EngineOptions,
    /// Sign-in with an organization's identity provider.
    #[command(flatten, next_help_heading = "Sign-in with OpenID Connect")]
    pub oidc: OidcOptions,
    /// Board pack.
    #[command(flatten, next_help_heading = REPORT)]
    pub pack: PackOptions,
    /// Alerts.
    #[command(flatten, next_help_heading = REPORT)]
    pub alerts: AlertOptions,
}

/// Configuration of a server.
pub struct ServerConfig {
    /// Connection URL of the database.
    pub url: String,
    /// Options.
    pub options: ServerOptions,
}

impl ServerConfig {
    /// Builds the configuration of a server on this database.
    pub fn new(url: &str, options: ServerOptions) -> Self {
        Self { url: url.to_owned(), options }
    }
}

impl ServerOptions {
    /// Limits on GraphQL documents.
    pub fn limits(&self) -> Limits {
        Limits {
            depth: self.max_depth,
            fields: self.max_fields,
            aliases: self.max_aliases,
            directives: self.max_directives,
            cost: self.max_cost,
        }
    }

    /// Memory budget of the caches.
    pub fn cache_budget(&self) -> CacheBudget {
        CacheBudget::new(self.cache_mib).without(&self.no_cache)
    }

    /// Connections to Postgres that one key may use at once.
    pub fn share(&self) -> usize {
        self.connections_per_key.unwrap_or(self.connections / 2)
    }

    /// Time during which requests are still accepted after a stop signal.
    pub fn drain(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.drain_seconds)
    }

    /// Reports whether the request's `Origin` is one that the operator allows.
    pub fn allows(&self, request: &HttpRequest) -> bool {
        let origin = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
        origin.is_some_and(|origin| self.allow_origin.iter().any(|allowed| allowed == origin))
    }

    /// CORS rules: only pages of allowed origins may query, with a key and without cookies.
    pub fn cors(&self) -> Condition<Cors> {
        let cors = self
            .allow_origin
            .iter()
            .fold(Cors::default(), |cors, origin| cors.allowed_origin(origin));
        let cors = cors
            .allowed_methods(["GET", "HEAD", "POST"])
            .allowed_headers([
                AUTHORIZATION,
                CONTENT_TYPE,
                ACCEPT,
                HeaderName::from_static("x-api-key"),
                HeaderName::from_static(pinned::HEADER),
            ])
            .expose_headers([RETRY_AFTER, HeaderName::from_static("x-request-id")])
            .max_age(3600);
        Condition::new(!self.allow_origin.is_empty(), cors)
    }

    /// Parses the address to listen on.
    ///
    /// # Errors
    /// Fails when `--listen` is not ADDRESS:PORT.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        self.listen.replace("localhost", "127.0.0.1").parse().with_context(|| {
            format!("--listen {}: write it as ADDRESS:PORT, e.g. 127.0.0.1:8080", self.listen)
        })
    }

    /// Checks that an address reachable from other machines requires authentication.
    ///
    /// # Errors
    /// Fails when the address is not loopback and there is neither a key nor an OpenID Connect
    /// issuer.
    pub fn check_open(&self, address: SocketAddr, closed: bool) -> anyhow::Result<()> {
        if address.ip().is_loopback() || closed {
            return Ok(());
        }
        bail!(
            "{address} can be reached from other machines, and no API key exists: everyone could \
             read everything. \
             Create one with `hotwash key create NAME --role analyst`, set --oidc-issuer, \
             or listen on 127.0.0.1"
        );
    }

    /// Loads the certificate and key for TLS.
    ///
    /// # Errors
    /// Fails when a file cannot be read, or only one of them is given.
    pub fn tls(&self) -> anyhow::Result<Option<rustls::ServerConfig>> {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let (certificate, key) = match (&self.tls_certificate, &self.tls_key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate, key),
            _ => bail!("--tls-certificate and --tls-key belong together: give both"),
        };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| {
                format!("{}: no PEM certificate could be read", certificate.display())
            })?;
        let key = PrivateKeyDer::from_pem_file(key)
            .with_context(|| format!("{}: no PEM private key could be read", key.display()))?;
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("the certificate and the key do not belong together")?;
        Ok(Some(config))
    }
}
