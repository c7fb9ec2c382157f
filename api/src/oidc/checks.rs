//! Checks of the OpenID Connect options.

use anyhow::{Context as _, bail};
use url::Url;

use super::OidcOptions;

impl OidcOptions {
    /// Returns the issuer if one is configured, after checking the other options.
    ///
    /// # Errors
    /// Fails when an option is missing or invalid.
    pub fn checked(&self) -> anyhow::Result<Option<&str>> {
        let Some(issuer) = self.oidc_issuer.as_deref() else {
            if self.any_given() {
                bail!("--oidc-audience, --oidc-client-id and --oidc-grant need --oidc-issuer URL");
            }
            return Ok(None);
        };
        if !trustworthy(issuer) {
            bail!(
                "--oidc-issuer {issuer}: must begin with https:// (http:// is allowed only for \
                 this machine)"
            );
        }
        if self.oidc_audience.is_none() && self.oidc_client_id.is_none() {
            bail!(
                "--oidc-issuer needs --oidc-audience NAME (to accept tokens), --oidc-client-id \
                 NAME (to sign in), or both"
            );
        }
        if self.oidc_audience.is_some() && self.oidc_audience == self.oidc_client_id {
            bail!(
                "--oidc-audience and --oidc-client-id must differ: a token issued for sign-in must \
                 not give access to the API"
            );
        }
        if self.oidc_clock_skew > 600 {
            bail!("--oidc-clock-skew {}: at most 600 seconds", self.oidc_clock_skew);
        }
        Ok(Some(issuer))
    }

    /// Reads the client secret.
    ///
    /// # Errors
    /// Fails when its file cannot be read.
    pub fn client_secret(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.oidc_client_secret_file else { return Ok(None) };
        let secret = std::fs::read_to_string(path).with_context(|| {
            format!("--oidc-client-secret-file {}: cannot be read", path.display())
        })?;
        Ok(Some(secret.trim().to_owned()))
    }
}

/// Reports whether a URL is safe from tampering: HTTPS, or HTTP on this machine.
pub fn trustworthy(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && here)
}
