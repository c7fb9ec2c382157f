//! The issuer, what its tokens must say, and what they give.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

/// Sign-in by an organisation's identity provider.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct OidcOptions {
    /// OpenID Connect issuer whose tokens are believed, e.g. https://login.example.org/realms/coalition
    #[arg(long, env = "HOTWASH_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// Audience that access tokens must be for; without it no tokens are taken
    #[arg(long, env = "HOTWASH_OIDC_AUDIENCE", value_name = "NAME")]
    pub oidc_audience: Option<String>,
    /// Our client at the issuer, for signing in to the report; without it readers sign in by key alone
    #[arg(long, env = "HOTWASH_OIDC_CLIENT_ID", value_name = "NAME")]
    pub oidc_client_id: Option<String>,
    /// File with the client's secret, when the issuer gave one
    #[arg(long, env = "HOTWASH_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Scopes asked for at sign-in; e-mail and profile are not needed
    #[arg(long, env = "HOTWASH_OIDC_SCOPE", default_value = "openid", value_name = "SCOPES")]
    pub oidc_scope: String,
    /// Claim that holds roles or groups; a dot leads into an object, as realm_access.roles
    #[arg(long, env = "HOTWASH_OIDC_CLAIM", default_value = "roles", value_name = "CLAIM")]
    pub oidc_claim: String,
    /// What a value of that claim gives: VALUE=admin, =analyst, =viewer, =region:3,4C or =region with --oidc-region-claim; may be given
    /// more than once
    #[arg(long, env = "HOTWASH_OIDC_GRANT", value_delimiter = ';', value_name = "VALUE=ROLE")]
    pub oidc_grant: Vec<String>,
    /// Claim that holds the codes of one's own regions, for role region
    #[arg(long, env = "HOTWASH_OIDC_REGION_CLAIM", value_name = "CLAIM")]
    pub oidc_region_claim: Option<String>,
    /// Seconds by which the issuer's clock and ours may differ
    #[arg(long, env = "HOTWASH_OIDC_CLOCK_SKEW", default_value_t = 60, value_name = "SECONDS")]
    pub oidc_clock_skew: u64,
    /// Address at which readers reach this server, to which the issuer sends them back; as they typed it, unless given
    #[arg(long, env = "HOTWASH_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

impl OidcOptions {
    /// The issuer, when one is configured and what it needs is there.
    ///
    /// # Errors
    /// When an option is missing or wrong.
    pub fn checked(&self) -> anyhow::Result<Option<&str>> {
        let Some(issuer) = self.oidc_issuer.as_deref() else {
            if self.oidc_audience.is_some() || self.oidc_client_id.is_some() || !self.oidc_grant.is_empty() {
                bail!("--oidc-audience, --oidc-client-id and --oidc-grant need --oidc-issuer URL");
            }
            return Ok(None);
        };
        if !trustworthy(issuer) {
            bail!("--oidc-issuer {issuer}: must begin with https:// (http:// is for this machine alone)");
        }
        if self.oidc_audience.is_none() && self.oidc_client_id.is_none() {
            bail!(
                "--oidc-issuer needs --oidc-audience NAME (to take tokens), --oidc-client-id NAME (to sign in), or both"
            );
        }
        if self.oidc_audience.is_some() && self.oidc_audience == self.oidc_client_id {
            bail!(
                "--oidc-audience and --oidc-client-id must differ: what proves a sign-in to a client must not open the API"
            );
        }
        if self.oidc_clock_skew > 600 {
            bail!("--oidc-clock-skew {}: at most 600 seconds", self.oidc_clock_skew);
        }
        Ok(Some(issuer))
    }

    /// The client's secret.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn client_secret(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.oidc_client_secret_file else { return Ok(None) };
        let secret = std::fs::read_to_string(path)
            .with_context(|| format!("--oidc-client-secret-file {}: cannot be read", path.display()))?;
        Ok(Some(secret.trim().to_owned()))
    }
}

/// Whether what is read from this address can be believed: it is encrypted, or never leaves the machine.
pub fn trustworthy(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && here)
}
