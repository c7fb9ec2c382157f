//! Configured OpenID Connect issuer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hotwash_schema::access::Viewer;
use serde_json::{Map, Value};

use super::claims::Grants;
use super::issuer::Issuer;
use super::token::{self, Expected};
use super::{OidcError, OidcOptions, signature};

/// A configured issuer.
pub struct Oidc {
    pub(super) options: OidcOptions,
    pub(super) issuer: Issuer,
    grants: Grants,
    pub(super) secret: Option<String>,
    salt: [u8; 32],
}

impl Oidc {
    /// Creates the configured issuer, or `None` without one. Subjects are hashed with the
    /// warehouse's secret.
    ///
    /// # Errors
    /// Fails when an option is missing or invalid.
    pub fn new(options: &OidcOptions, secret: &[u8; 32]) -> anyhow::Result<Option<Self>> {
        let Some(url) = options.checked()? else { return Ok(None) };
        signature::install();
        Ok(Some(Self {
            issuer: Issuer::new(url),
            grants: Grants::parse(options)?,
            secret: options.client_secret()?,
            salt: blake3::derive_key("hotwash subject of a token", secret),
            options: options.clone(),
        }))
    }

    /// Returns whether access tokens are accepted: an audience is configured.
    pub fn takes_tokens(&self) -> bool {
        self.options.oidc_audience.is_some()
    }

    /// Returns whether readers can sign in: a client is configured.
    pub fn signs_in(&self) -> bool {
        self.options.oidc_client_id.is_some()
    }

    /// Returns the viewer of an access token.
    ///
    /// # Errors
    /// Fails when the token is invalid or grants no role, or when its key is unknown and the issuer
    /// is unavailable.
    pub async fn viewer(&self, token: &str) -> Result<Viewer, OidcError> {
        let Some(audience) = self.options.oidc_audience.as_deref() else {
            return Err(OidcError::Rejected("this server takes no tokens, but keys and sign-in"));
        };
        let expected = Expected { audience, nonce: None, skew: self.options.oidc_clock_skew };
        self.of(&token::verify(&self.issuer, token, &expected).await?)
    }

    /// Returns the viewer of verified claims.
    pub(super) fn of(&self, claims: &Map<String, Value>) -> Result<Viewer, OidcError> {
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        let hashed =
            blake3::keyed_hash(&self.salt, format!("{}\n{subject}", self.issuer.url()).as_bytes());
        let name = format!("oidc-{}", URL_SAFE_NO_PAD.encode(&hashed.as_bytes()[..9]));
        let (role, regions) = self.grants.of(claims).ok_or(OidcError::NoRole)?;
        Ok(Viewer { name, role, regions })
    }
}
