//! OpenID Connect options: the issuer, the claims its tokens must have, and the roles they grant.

use std::path::PathBuf;

/// Sign-in with an organization's identity provider.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct OidcOptions {
    /// OpenID Connect issuer whose tokens are accepted, e.g.
    /// `https://login.example.org/realms/coalition`
    #[arg(long, env = "HOTWASH_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// Required audience of access tokens; without it no access tokens are accepted
    #[arg(long, env = "HOTWASH_OIDC_AUDIENCE", value_name = "NAME")]
    pub oidc_audience: Option<String>,
    /// Client id of this server at the issuer, for signing in to the report; without it readers
    /// sign in with a key
    #[arg(long, env = "HOTWASH_OIDC_CLIENT_ID", value_name = "NAME")]
    pub oidc_client_id: Option<String>,
    /// File with the client secret, if the issuer requires one
    #[arg(long, env = "HOTWASH_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Scopes requested at sign-in; email and profile are not needed
    #[arg(long, env = "HOTWASH_OIDC_SCOPE", default_value = "openid", value_name = "SCOPES")]
    pub oidc_scope: String,
    /// Claim with roles or groups; use dots for nested objects, e.g. realm_access.roles
    #[arg(long, env = "HOTWASH_OIDC_CLAIM", default_value = "roles", value_name = "CLAIM")]
    pub oidc_claim: String,
    /// Role granted by a value of that claim: VALUE=admin, =analyst, =viewer, =region:3,4C or
    /// =region with --oidc-region-claim; repeat for more
    #[arg(long, env = "HOTWASH_OIDC_GRANT", value_delimiter = ';', value_name = "VALUE=ROLE")]
    pub oidc_grant: Vec<String>,
    /// Claim with the codes of the viewer's regions, for the role region
    #[arg(long, env = "HOTWASH_OIDC_REGION_CLAIM", value_name = "CLAIM")]
    pub oidc_region_claim: Option<String>,
    /// Allowed clock difference to the issuer in seconds
    #[arg(long, env = "HOTWASH_OIDC_CLOCK_SKEW", default_value_t = 60, value_name = "SECONDS")]
    pub oidc_clock_skew: u64,
    /// Public URL of this server, to which the issuer redirects after sign-in; default: the URL of
    /// the request
    #[arg(long, env = "HOTWASH_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

impl OidcOptions {
    /// Reports whether an option is given that only an issuer needs.
    pub fn any_given(&self) -> bool {
        self.oidc_audience.is_some() || self.oidc_client_id.is_some() || !self.oidc_grant.is_empty()
    }
}
