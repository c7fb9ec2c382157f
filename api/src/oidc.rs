//! OpenID Connect sign-in: tokens, checked against the issuer's published keys, become a viewer
//! with a role and regions. Independent of the HTTP server. Stores no names and no addresses of
//! persons.

#[cfg(feature = "oidc")]
mod checks;
#[cfg(feature = "oidc")]
mod claims;
mod error;
#[cfg(feature = "oidc")]
mod issuer;
mod options;
#[cfg(feature = "oidc")]
mod provider;
#[cfg(not(feature = "oidc"))]
#[path = "oidc/provider_disabled.rs"]
mod provider;
#[cfg(feature = "oidc")]
mod sign_in;
#[cfg(feature = "oidc")]
mod signature;
#[cfg(feature = "oidc")]
mod token;

use serde::{Deserialize, Serialize};

pub use error::OidcError;
pub use options::OidcOptions;
pub use provider::Oidc;

/// A sign-in in progress.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flow {
    /// Returned with the code; ties the answer to this browser.
    pub state: String,
    /// Returned in the ID token; ties the token to this sign-in.
    nonce: String,
    /// PKCE code verifier, which ties the code to this server.
    verifier: String,
    /// Path to which the issuer redirects the reader.
    redirect: String,
}
