//! HTTP client for the requests that the server makes: to webhooks, and to an OpenID Connect issuer.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Creates a blocking client with a time limit for a whole request, answer included. It trusts the
/// certificates that this machine trusts, follows no redirects, and reports every HTTP status as an
/// answer.
pub fn agent(timeout: Duration) -> Agent {
    let trusted = rustls_native_certs::load_native_certs();
    for error in &trusted.errors {
        tracing::warn!(%error, "a trusted certificate of this machine could not be read");
    }
    let roots = trusted.certs.iter().map(|root| Certificate::from_der(root).to_owned());
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    Agent::config_builder()
        .timeout_global(Some(timeout))
        .timeout_connect(Some(timeout / 2))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent("hotwash")
        .tls_config(tls)
        .build()
        .into()
}
