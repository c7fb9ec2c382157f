//! Who is at the door: a key, a session, or the local user while no key has been made. One answer for every path.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use hotwash_schema::access::Viewer;
use hotwash_schema::keys;

use super::State;
use crate::graphql::Seen;
use crate::graphql::error::Code;

/// How long a verified key is believed: a revoked one stops within this time.
const BELIEVED: Duration = Duration::from_secs(2);
/// Most verified keys remembered.
const MOST: usize = 10_000;

/// Who a key stands for, and when that was asked.
type Verified = (Option<Viewer>, Instant);

/// What is remembered between requests.
#[derive(Default)]
pub struct Door {
    known: Mutex<HashMap<[u8; 32], Verified>>,
    open: Mutex<Option<(bool, Instant)>>,
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
}

/// Why someone may not come in.
#[derive(Debug)]
pub enum Refused {
    /// No key, or one that is not known.
    Unauthenticated(&'static str),
    /// Too many requests: seconds to wait.
    TooMany(u64),
    /// The database could not be asked.
    Unavailable,
}

impl Refused {
    /// Status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Code of the answer.
    pub fn code(&self) -> Code {
        match self {
            Self::Unauthenticated(_) => Code::Unauthenticated,
            Self::TooMany(_) | Self::Unavailable => Code::Unavailable,
        }
    }

    /// What is wrong and what to do.
    pub fn said(&self) -> String {
        match self {
            Self::Unauthenticated(said) => (*said).to_owned(),
            Self::TooMany(seconds) => format!("this key asks too often; try again in {seconds} s"),
            Self::Unavailable => "the database cannot be reached, so no key can be checked; try again soon".into(),
        }
    }

    /// The answer with the headers that belong to it.
    pub fn turn_away(&self, mut response: HttpResponse) -> HttpResponse {
        match self {
            Self::Unauthenticated(_) => {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hotwash\""))
            }
            Self::TooMany(seconds) => response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds)),
            Self::Unavailable => return response,
        };
        response
    }
}

/// What someone shows.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// A key.
    Key(&'a str),
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
    let viewer = identify(request, state).await?;
    if viewer.name != "local" {
        state.door.take_turn(&viewer.name, f64::from(state.options.rate))?;
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
    if let Some(key) = presented(request) {
        let known = state.door.verify(state, Proof::Key(&key)).await?;
        return known
            .ok_or(Refused::Unauthenticated("this key is not known, or has ended; ask the operator for another"));
    }
    if let Some(prefix) = request.cookie(COOKIE).and_then(|cookie| state.sessions.read(cookie.value())) {
        let known = state.door.verify(state, Proof::Session(&prefix)).await?;
        return known.ok_or(Refused::Unauthenticated("the key of this session has ended; sign in with another"));
    }
    let local = request.peer_addr().is_some_and(|peer| peer.ip().is_loopback()) && is_local_name(request);
    if local && !state.door.keys_exist(state).await? {
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
    /// Who someone stands for, asking the database at most every two seconds.
    pub async fn verify(&self, state: &State, proof: Proof<'_>) -> Result<Option<Viewer>, Refused> {
        let remembered = match proof {
            Proof::Key(key) => blake3::derive_key("hotwash key at the door", key.as_bytes()),
            Proof::Session(prefix) => blake3::derive_key("hotwash session at the door", prefix.as_bytes()),
        };
        if let Some((viewer, at)) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&remembered)
            && at.elapsed() < BELIEVED
        {
            return Ok(viewer.clone());
        }
        let asked = match proof {
            Proof::Key(key) => keys::verify(&state.url, key).await,
            Proof::Session(prefix) => keys::still_active(&state.url, prefix).await,
        };
        let viewer = asked.map_err(|_| Refused::Unavailable)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(remembered, (viewer.clone(), Instant::now()));
        Ok(viewer)
    }

    async fn keys_exist(&self, state: &State) -> Result<bool, Refused> {
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
            (Err(_), None) => Err(Refused::Unavailable),
        }
    }

    /// A turn of this name: so many a second on average, four seconds' worth at once.
    fn take_turn(&self, name: &str, rate: f64) -> Result<(), Refused> {
        if rate <= 0.0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (left, at) = buckets.entry(name.to_owned()).or_insert((rate * 4.0, now));
        *left = (*left + now.duration_since(*at).as_secs_f64() * rate).min(rate * 4.0);
        *at = now;
        if *left < 1.0 {
            return Err(Refused::TooMany(((1.0 - *left) / rate).ceil().max(1.0) as u64));
        }
        *left -= 1.0;
        Ok(())
    }
}
