//! Who is at the door: a key, a token, a session, or the local user while nothing of that is set up. One answer for every path.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use hotwash_schema::access::Viewer;
use hotwash_schema::keys;

use super::State;
use super::session::Who;
use crate::graphql::Seen;
use crate::graphql::budget::Buckets;
use crate::graphql::error::Code;
use crate::oidc::{Oidc, OidcError};

/// How long a verified key is believed: a revoked one stops within this time.
const BELIEVED: Duration = Duration::from_secs(2);
/// Most verified keys remembered.
const MOST: usize = 10_000;

/// Who a key stands for, and when that was asked.
type Verified = (Option<Viewer>, Instant);

/// What is remembered between requests.
pub struct Door {
    known: Mutex<HashMap<[u8; 32], Verified>>,
    open: Mutex<Option<(bool, Instant)>>,
    turns: Buckets,
}

/// Why someone may not come in.
#[derive(Debug)]
pub enum Refused {
    /// No key, or one that is not known.
    Unauthenticated(&'static str),
    /// Too many requests: seconds to wait.
    TooMany(u64),
    /// Known, or not asked who they are, and not let in.
    Forbidden(&'static str),
    /// What would tell who they are could not be asked.
    Unavailable(&'static str),
}

/// The database is away.
const NO_DATABASE: Refused =
    Refused::Unavailable("the database cannot be reached, so no key can be checked; try again soon");

impl From<OidcError> for Refused {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Refused(said) => Self::Unauthenticated(said),
            OidcError::NoRole => {
                Self::Forbidden("your account has no role here; the operator grants one with --oidc-grant")
            }
            OidcError::Away => {
                Self::Unavailable("the sign-in service does not answer; try again in a moment, or use a key")
            }
        }
    }
}

impl Refused {
    /// Status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Code of the answer.
    pub fn code(&self) -> Code {
        match self {
            Self::Unauthenticated(_) => Code::Unauthenticated,
            Self::Forbidden(_) => Code::Forbidden,
            Self::TooMany(_) | Self::Unavailable(_) => Code::Unavailable,
        }
    }

    /// What is wrong and what to do.
    pub fn said(&self) -> String {
        match self {
            Self::Unauthenticated(said) | Self::Forbidden(said) | Self::Unavailable(said) => (*said).to_owned(),
            Self::TooMany(seconds) => format!("this key asks too often; try again in {seconds} s"),
        }
    }

    /// The answer with the headers that belong to it.
    pub fn turn_away(&self, mut response: HttpResponse) -> HttpResponse {
        match self {
            Self::Unauthenticated(_) => {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hotwash\""))
            }
            Self::TooMany(seconds) => response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds)),
            Self::Forbidden(_) | Self::Unavailable(_) => return response,
        };
        response
    }
}

/// What someone shows.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// A key.
    Key(&'a str),
    /// A token of the organisation's own sign-in.
    Token(&'a Oidc, &'a str),
    /// First letters of the key that began a session.
    Session(&'a str),
}

/// Name of the session cookie.
pub const COOKIE: &str = "hotwash_session";

/// Who asks.
///
/// # Errors
/// When they must say so, or ask too often.
pub async fn enter(request: &HttpRequest, state: &State) -> Result<Seen, Refused> {
    let viewer = match identify(request, state).await {
        Ok(viewer) => viewer,
        Err(refused) => {
            state.journal.turned_away(request, None, refused.code().as_str());
            return Err(refused);
        }
    };
    if let Err(refused) = state.door.take_turns(&viewer, 1) {
        state.journal.turned_away(request, Some(&viewer), "TOO_MANY");
        return Err(refused);
    }
    let snapshot = state.store.pin();
    let regions = snapshot
        .regions
        .values()
        .filter(|region| viewer.regions.contains(&region.code))
        .map(|region| region.id)
        .collect();
    Ok(Seen { viewer, regions })
}

async fn identify(request: &HttpRequest, state: &State) -> Result<Viewer, Refused> {
    if let Some(shown) = presented(request) {
        let proof = match &state.oidc {
            Some(oidc) if oidc.takes_tokens() && !shown.starts_with("hw_") => Proof::Token(oidc, &shown),
            _ => Proof::Key(&shown),
        };
        let known = state.door.verify(state, proof).await?;
        return known
            .ok_or(Refused::Unauthenticated("this key is not known, or has ended; ask the operator for another"));
    }
    let session = request.cookie(COOKIE).and_then(|cookie| state.sessions.read(cookie.value()));
    match (session, &state.oidc) {
        (Some(Who::Key(prefix)), _) => {
            let known = state.door.verify(state, Proof::Session(&prefix)).await?;
            return known.ok_or(Refused::Unauthenticated("the key of this session has ended; sign in with another"));
        }
        (Some(Who::Oidc(viewer)), Some(_)) => return Ok(viewer),
        _ => {}
    }
    let local = request.peer_addr().is_some_and(|peer| peer.ip().is_loopback()) && is_local_name(request);
    if local && state.oidc.is_none() && !state.door.keys_exist(state).await? {
        return Ok(Viewer::local());
    }
    Err(Refused::Unauthenticated(
        "say who you are: send the header `Authorization: Bearer hw_…`; the operator makes a key with `hotwash key create`",
    ))
}

/// A page of another site that names us by a name of its own is no local user.
fn is_local_name(request: &HttpRequest) -> bool {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = if host.starts_with('[') {
        host.split(']').next().map(|name| format!("{name}]"))
    } else {
        host.split(':').next().map(str::to_owned)
    };
    matches!(name.as_deref(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// The key of a request: a bearer token, or the header that some tools send.
fn presented(request: &HttpRequest) -> Option<String> {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    bearer.or_else(|| Some(request.headers().get("x-api-key")?.to_str().ok()?.trim().to_owned()))
}

impl Door {
    /// With the requests a second that one key may make, 0 for any, and whether a key was made before the start: the first
    /// request may come when the database is away.
    pub fn new(rate: u32, keys_exist: bool) -> Self {
        let rate = f64::from(rate);
        let open = Mutex::new(Some((keys_exist, Instant::now())));
        Self { known: Mutex::default(), open, turns: Buckets::new(rate, rate * 4.0) }
    }

    /// Who someone stands for, asking the database at most every two seconds.
    pub async fn verify(&self, state: &State, proof: Proof<'_>) -> Result<Option<Viewer>, Refused> {
        let remembered = match proof {
            Proof::Key(key) => blake3::derive_key("hotwash key at the door", key.as_bytes()),
            Proof::Token(_, token) => blake3::derive_key("hotwash token at the door", token.as_bytes()),
            Proof::Session(prefix) => blake3::derive_key("hotwash session at the door", prefix.as_bytes()),
        };
        if let Some((viewer, at)) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&remembered)
            && at.elapsed() < BELIEVED
        {
            return Ok(viewer.clone());
        }
        let viewer = match proof {
            Proof::Key(key) => keys::verify(&state.url, key).await.map_err(|_| NO_DATABASE)?,
            Proof::Session(prefix) => keys::still_active(&state.url, prefix).await.map_err(|_| NO_DATABASE)?,
            // A token that is refused is not remembered: the reason may pass.
            Proof::Token(oidc, token) => Some(oidc.viewer(token).await?),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(remembered, (viewer.clone(), Instant::now()));
        Ok(viewer)
    }

    /// Whether a key was made: from then on everybody needs one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keys_exist(&self, state: &State) -> Result<bool, Refused> {
        if let Some((exist, at)) = *self.open.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < BELIEVED
        {
            return Ok(exist);
        }
        let exist = keys::any_made(&state.url).await;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match (exist, *open) {
            (Ok(exist), _) => {
                *open = Some((exist, Instant::now()));
                Ok(exist)
            }
            // While the database is away, what was known last holds: the last snapshot can still be read.
            (Err(_), Some((exist, _))) => Ok(exist),
            (Err(_), None) => Err(NO_DATABASE),
        }
    }

    /// So many turns of this viewer; the local user takes any number.
    pub fn take_turns(&self, viewer: &Viewer, turns: usize) -> Result<(), Refused> {
        if viewer.is_local() || turns == 0 {
            return Ok(());
        }
        self.turns.take(&viewer.name, turns as f64).map(|_| ()).map_err(Refused::TooMany)
    }
}
