//! Placeholder for the issuer in a build without the feature `oidc`.

use hotwash_schema::access::Viewer;

use super::{Flow, OidcError, OidcOptions};

/// No issuer.
pub enum Oidc {}

impl Oidc {
    /// Returns no issuer.
    ///
    /// # Errors
    /// Fails when an issuer is configured.
    pub fn new(options: &OidcOptions, _: &[u8; 32]) -> anyhow::Result<Option<Self>> {
        anyhow::ensure!(
            options.oidc_issuer.is_none() && !options.any_given(),
            "this build has no OpenID Connect: build it with the feature oidc, or leave out \
             --oidc-issuer and the options that belong to it"
        );
        Ok(None)
    }

    /// Returns whether access tokens are accepted.
    pub fn takes_tokens(&self) -> bool {
        match *self {}
    }

    /// Returns whether readers can sign in.
    pub fn signs_in(&self) -> bool {
        match *self {}
    }

    /// Returns the viewer of an access token.
    pub async fn viewer(&self, _: &str) -> Result<Viewer, OidcError> {
        match *self {}
    }

    /// Starts a sign-in.
    pub async fn begin(&self, _: &str) -> Result<(Flow, String), OidcError> {
        match *self {}
    }

    /// Completes a sign-in.
    pub async fn end(&self, _: &Flow, _: &str, _: Option<&str>) -> Result<Viewer, OidcError> {
        match *self {}
    }
}
