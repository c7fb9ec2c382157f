//! Reads from a request what says who sent it. Whether that holds is for the authenticator.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use super::origin::{is_forwarded, names_this_machine};

/// Name of the session cookie.
pub const COOKIE: &str = "hotwash_session";

/// Credential of a request.
#[derive(Clone)]
pub struct Credential {
    /// A key or token.
    pub bearer: Option<String>,
    /// Sealed session from the cookie.
    pub session: Option<String>,
    /// Origin of a client without a credential.
    pub client: Client,
}

/// Location of a client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// On this machine.
    Local,
    /// On this machine as a proxy: the actual client may be anywhere.
    Forwarded,
    /// On another machine, or using a host name that is not this machine's.
    Remote,
}

impl Credential {
    /// Reads the credential of a request.
    pub fn of(request: &HttpRequest) -> Self {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let bearer = header(AUTHORIZATION.as_str()).and_then(bearer);
        let local = request.peer_addr().is_some_and(|peer| peer.ip().is_loopback())
            && names_this_machine(request);
        Self {
            bearer: bearer.or_else(|| header("x-api-key").map(str::trim)).map(str::to_owned),
            session: request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()),
            client: match local {
                true if is_forwarded(request) => Client::Forwarded,
                true => Client::Local,
                false => Client::Remote,
            },
        }
    }

    /// Returns a copy with the key or token of an `Authorization: Bearer …` text, which a client
    /// sent later. Returns `None` if the text has another form.
    pub fn with_authorization(&self, text: &str) -> Option<Self> {
        let bearer = bearer(text)?.to_owned();
        Some(Self { bearer: Some(bearer), session: None, client: self.client })
    }
}

/// Reads a key or token from the value of `Authorization`.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
