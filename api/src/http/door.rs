//! Who is at the door: a key, a token, a session, or the local user while nothing of that is set up. One answer for every path.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use hotwash_schema::access::Viewer;
use hotwash_schema::keys;

use super::State;
use super::credential::{Client, Credential};
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
    /// A token of the organization's own sign-in.
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
    let viewer = identify(request, &Credential::of(request), state).await?;
    if let Err(refused) = state.door.take_turns(&viewer, 1) {
        state.journal.turned_away(request, Some(&viewer), "TOO_MANY");
        return Err(refused);
    }
    Ok(seen(viewer, state))
}

/// As [`authenticate`], for a request: the access log notes who is turned away.
///
/// # Errors
/// When the credential stands for nobody, or the database cannot be asked.
pub async fn identify(request: &HttpRequest, credential: &Credential, state: &State) -> Result<Viewer, Refused> {
    let viewer = authenticate(credential, state).await;
    if let Err(refused) = &viewer {
        state.journal.turned_away(request, None, refused.code().as_str());
    }
    viewer
}

/// A viewer with the regions of the newest snapshot that are theirs.
pub fn seen(viewer: Viewer, state: &State) -> Seen {
    let snapshot = state.store.pin();
    let regions = snapshot
        .regions
        .values()
        .filter(|region| viewer.regions.contains(&region.code))
        .map(|region| region.id)
        .collect();
    Seen { viewer, regions }
}

/// Finds out whom a credential stands for.
///
/// # Errors
/// When it stands for nobody, or the database cannot be asked.
pub async fn authenticate(credential: &Credential, state: &State) -> Result<Viewer, Refused> {
    if let Some(shown) = &credential.bearer {
        let proof = match token_issuer(shown, state) {
            Some(oidc) => Proof::Token(oidc, shown),
            None => Proof::Key(shown),
        };
        let known = state.door.verify(state, proof).await?;
        return known
            .ok_or(Refused::Unauthenticated("this key is not known, or has ended; ask the operator for another"));
    }
    match (session_of(credential, state), &state.oidc) {
        (Some(Who::Key(prefix)), _) => {
            let known = state.door.verify(state, Proof::Session(&prefix)).await?;
            return known.ok_or(Refused::Unauthenticated("the key of this session has ended; sign in with another"));
        }
        (Some(Who::Oidc(viewer)), Some(_)) => return Ok(viewer),
        _ => {}
    }
    if credential.client != Client::Remote && state.oidc.is_none() && !state.door.keys_exist(state).await? {
        if credential.client == Client::Forwarded {
            return Err(Refused::Unauthenticated(
                "this request came through a proxy, and without a key only users of this machine itself are answered; \
                 make a key with `hotwash key create`, and send it as `Authorization: Bearer hw_…`",
            ));
        }
        return Ok(Viewer::local());
    }
    Err(Refused::Unauthenticated(
        "say who you are: send the header `Authorization: Bearer hw_…`; the operator makes a key with `hotwash key create`",
    ))
}

/// The issuer that a bearer credential must be asked of; none for a key.
fn token_issuer<'a>(shown: &str, state: &'a State) -> Option<&'a Oidc> {
    state.oidc.as_ref().filter(|oidc| oidc.takes_tokens() && !shown.starts_with("hw_"))
}

fn session_of(credential: &Credential, state: &State) -> Option<Who> {
    state.sessions.read(credential.session.as_deref()?)
}

/// Whether a credential of an open socket still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It does.
    Valid,
    /// It has ended or was revoked.
    Ended,
    /// Who could tell does not answer now.
    Unknown,
}

/// Checks credentials of open sockets, without anything remembered: all keys in one statement. None when the database does not answer.
pub async fn still_valid<'a>(
    state: &State,
    client: &tokio_postgres::Client,
    credentials: impl Iterator<Item = &'a Credential>,
) -> Option<Vec<Validity>> {
    let credentials: Vec<&Credential> = credentials.collect();
    let prefix = |credential: &Credential| match &credential.bearer {
        Some(shown) => keys::prefix(shown).map(str::to_owned),
        None => match session_of(credential, state)? {
            Who::Key(prefix) => Some(prefix),
            Who::Oidc(_) => None,
        },
    };
    let prefixes: Vec<Option<String>> = credentials.iter().map(|credential| prefix(credential)).collect();
    let asked: Vec<String> = prefixes.iter().flatten().cloned().collect();
    let active = keys::active_among(client, &asked).await.ok()?;
    let held = |holds: bool| if holds { Validity::Valid } else { Validity::Ended };
    let mut found = Vec::with_capacity(credentials.len());
    for (credential, prefix) in credentials.into_iter().zip(prefixes) {
        found.push(match (prefix, &credential.bearer) {
            (Some(prefix), _) => held(active.prefixes.contains(&prefix)),
            (None, Some(token)) => match token_issuer(token, state) {
                Some(oidc) => match oidc.viewer(token).await {
                    Ok(_) => Validity::Valid,
                    Err(OidcError::Away) => Validity::Unknown,
                    Err(OidcError::Refused(_) | OidcError::NoRole) => Validity::Ended,
                },
                None => Validity::Ended,
            },
            (None, None) => match session_of(credential, state) {
                Some(_) => held(state.oidc.is_some()),
                None => held(credential.client == Client::Local && state.oidc.is_none() && !active.any_made),
            },
        });
    }
    Some(found)
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
