//! Reasons for rejecting a request, with their codes, messages and headers.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hotwash_graphql::error::Code;

use super::error;
use crate::oidc::OidcError;

/// Reason for rejecting a request.
#[derive(Clone, Debug)]
pub enum Rejection {
    /// No key, or an unknown one.
    Unauthenticated(&'static str),
    /// Rate limit exceeded: seconds to wait.
    TooMany(u64),
    /// The request is not allowed.
    Forbidden(&'static str),
    /// The credential cannot be checked now.
    Unavailable(&'static str),
}

impl From<OidcError> for Rejection {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Rejected(message) => Self::Unauthenticated(message),
            OidcError::NoRole => Self::Forbidden(
                "your account has no role here; the operator grants one with --oidc-grant",
            ),
            OidcError::Away => Self::Unavailable(
                "the sign-in service does not answer; try again in a moment, or use a key",
            ),
        }
    }
}

impl Rejection {
    /// Returns the error code.
    pub fn code(&self) -> Code {
        match self {
            Self::Unauthenticated(_) => Code::Unauthenticated,
            Self::Forbidden(_) => Code::Forbidden,
            Self::TooMany(_) => Code::RateLimited,
            Self::Unavailable(_) => Code::Unavailable,
        }
    }

    /// Returns the message: the problem and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::Unauthenticated(message)
            | Self::Forbidden(message)
            | Self::Unavailable(message) => (*message).to_owned(),
            Self::TooMany(seconds) => {
                format!("too many requests with this key; try again in {seconds} s")
            }
        }
    }

    /// Returns the response to a rejected GraphQL request.
    pub fn graphql(&self, media_type: &str) -> HttpResponse {
        self.with_headers(error::graphql(media_type, self.code(), &self.message()))
    }

    /// Adds the headers of the rejection to a response.
    pub fn with_headers(&self, mut response: HttpResponse) -> HttpResponse {
        match self {
            Self::Unauthenticated(_) => response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hotwash\"")),
            Self::TooMany(seconds) => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds))
            }
            Self::Forbidden(_) | Self::Unavailable(_) => return response,
        };
        response
    }
}
