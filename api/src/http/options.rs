//! Where and how to serve, with its limits.

use std::net::SocketAddr;
use std::path::PathBuf;

use actix_cors::Cors;
use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, ORIGIN, RETRY_AFTER};
use actix_web::middleware::Condition;
use anyhow::{Context as _, bail};
use hotwash_schema::home::Home;

use crate::engine::EngineOptions;
use crate::graphql::Limits;
use crate::oidc::OidcOptions;

/// Options of `serve` and `demo`.
#[derive(clap::Args, Clone, Debug)]
pub struct ServerOptions {
    /// Address and port to listen on; port 0 takes any free one
    #[arg(long, env = "HOTWASH_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: String,
    /// Replica to read lists, exports and snapshots from; what is written (keys' use, the access log) goes to the database itself
    #[arg(long, env = "HOTWASH_READ_URL", hide_env_values = true, value_name = "URL")]
    pub read_url: Option<String>,
    /// Connections to Postgres
    #[arg(long, default_value_t = 16, value_name = "NUMBER")]
    pub connections: usize,
    /// Connections to Postgres that one key may use at once; its further queries wait while those of others pass. Half of all unless given
    #[arg(long, value_name = "NUMBER")]
    pub connections_per_key: Option<usize>,
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
    /// Most fields under another name in a query
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    pub max_aliases: usize,
    /// Most directives of a query
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    pub max_directives: usize,
    /// Most fields times the records of the lists in which they stand; a list counts 50 unless `first` is given, and each condition of a filter 20, of text searched for 500
    #[arg(long, default_value_t = 2_000_000, value_name = "NUMBER")]
    pub max_cost: u64,
    /// Cost that one key may spend a minute; 0 for any
    #[arg(long, default_value_t = 100_000_000, value_name = "NUMBER")]
    pub budget: u64,
    /// Run only the documents of this list: a JSON object of ids and documents, or Apollo's manifest
    #[arg(long, env = "HOTWASH_TRUSTED_DOCUMENTS", value_name = "FILE")]
    pub trusted_documents: Option<PathBuf>,
    /// Site whose pages may ask from a browser, e.g. https://charts.example.org; may be given more than once
    #[arg(long, env = "HOTWASH_ALLOW_ORIGIN", value_delimiter = ',', value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,
    /// Largest request body in bytes
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES")]
    pub max_body_bytes: usize,
    /// Most queries in one batched request
    #[arg(long, default_value_t = 10, value_name = "NUMBER")]
    pub max_batch: usize,
    /// Requests a second that one key may make, four seconds' worth at once; 0 for any number
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    pub rate: u32,
    /// Most WebSockets that one key may have open
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    pub max_sockets: usize,
    /// Most operations that one key may have under way over its WebSockets
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    pub max_subscriptions: usize,
    /// Memory for answers that are kept until the warehouse changes, in MiB; 0 keeps none
    #[arg(long, default_value_t = 64, value_name = "MIB")]
    pub answers_mib: usize,
    /// Memory for columns from which aggregates of large types are counted instead of by Postgres, in MiB; 0 holds none
    #[arg(long, env = "HOTWASH_COLUMNS_MIB", default_value_t = 256, value_name = "MIB")]
    pub columns_mib: usize,
    /// Time that Postgres spends on aggregates for want of a column, in milliseconds, before it is read into memory
    #[arg(long, default_value_t = 500, value_name = "MS")]
    pub columns_after_ms: u64,
    /// Rows of the warehouse from which the report's pages are computed after each change before somebody asks; fewer take no time
    #[arg(long, env = "HOTWASH_AHEAD_ROWS", default_value_t = 200_000, value_name = "ROWS")]
    pub ahead_rows: usize,
    /// Make no monthly release; `hotwash release` makes one
    #[arg(long, env = "HOTWASH_NO_RELEASES")]
    pub no_releases: bool,
    /// Seconds between the signal to stop and the end of taking requests; /readyz says "stopping" then, so that a balancer turns away
    #[arg(long, env = "HOTWASH_DRAIN_SECONDS", default_value_t = 0, value_name = "SECONDS")]
    pub drain_seconds: u64,
    /// Certificate chain in PEM, for TLS
    #[arg(long, env = "HOTWASH_TLS_CERTIFICATE", value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,
    /// Private key in PEM, for TLS
    #[arg(long, env = "HOTWASH_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// An engine on other machines.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Sign-in by an organisation's identity provider.
    #[command(flatten)]
    pub oidc: OidcOptions,
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
    /// What documents may be.
    pub fn limits(&self) -> Limits {
        Limits {
            depth: self.max_depth,
            fields: self.max_fields,
            aliases: self.max_aliases,
            directives: self.max_directives,
            cost: self.max_cost,
        }
    }

    /// Connections to Postgres that one key may use at once.
    pub fn share(&self) -> usize {
        self.connections_per_key.unwrap_or(self.connections / 2)
    }

    /// How long requests are still taken after the signal to stop.
    pub fn drain(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.drain_seconds)
    }

    /// Whether the page that asks is of a site that the operator allows.
    pub fn allows(&self, request: &HttpRequest) -> bool {
        let origin = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
        origin.is_some_and(|origin| self.allow_origin.iter().any(|allowed| allowed == origin))
    }

    /// What other sites' pages may do: nothing, but for those that the operator allows, which send a key and no cookie.
    pub fn cors(&self) -> Condition<Cors> {
        let cors = self.allow_origin.iter().fold(Cors::default(), |cors, origin| cors.allowed_origin(origin));
        let cors = cors
            .allowed_methods(["GET", "POST"])
            .allowed_headers([AUTHORIZATION, CONTENT_TYPE, ACCEPT, HeaderName::from_static("x-api-key")])
            .expose_headers([RETRY_AFTER, HeaderName::from_static("x-request-id")])
            .max_age(3600);
        Condition::new(!self.allow_origin.is_empty(), cors)
    }

    /// The address.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        self.listen
            .replace("localhost", "127.0.0.1")
            .parse()
            .with_context(|| format!("--listen {}: write it as ADDRESS:PORT, e.g. 127.0.0.1:8080", self.listen))
    }

    /// Beyond loopback nothing is served while anyone would come in.
    ///
    /// # Errors
    /// When there is neither a key nor an issuer of tokens, and the address is one that others can reach.
    pub fn check_open(&self, address: SocketAddr, closed: bool) -> anyhow::Result<()> {
        if address.ip().is_loopback() || closed {
            return Ok(());
        }
        bail!(
            "{address} is open to other machines, and no key has been made: everybody would see everything. \
             Make one with `hotwash key create NAME --role analyst`, name an issuer of sign-ins with --oidc-issuer, \
             or listen on 127.0.0.1"
        );
    }

    /// The certificate and key for TLS.
    ///
    /// # Errors
    /// When a file cannot be read, or only one is given.
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
            .with_context(|| format!("{}: no certificates in PEM could be read", certificate.display()))?;
        let key = PrivateKeyDer::from_pem_file(key)
            .with_context(|| format!("{}: no private key in PEM could be read", key.display()))?;
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("the certificate and the key do not belong together")?;
        Ok(Some(config))
    }
}
