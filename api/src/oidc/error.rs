//! Defines why a sign-in or a token is rejected.

/// Reason for rejecting a sign-in or a token.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The token or the answer is invalid.
    #[error("{0}")]
    Rejected(&'static str),
    /// The token is valid but grants no role.
    #[error("your account has no role here; the operator grants one with --oidc-grant")]
    NoRole,
    /// The issuer is unavailable.
    #[error("the sign-in service does not answer; try again in a moment, or use a key")]
    Away,
}
