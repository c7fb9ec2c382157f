//! Authenticates every request: by key, token or session, or as the local user while none of these
//! is set up.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use hotwash_cache::{Cache, CacheBudget, CacheStatus, Part, SingleFlight};
use hotwash_schema::access::Viewer;
use hotwash_schema::keys;

use super::AppState;
use super::credential::{Client, Credential};
use super::session::SessionOwner;
use crate::oidc::{Oidc, OidcError};
use hotwash_graphql::ViewerScope;
use hotwash_graphql::error::Code;
use hotwash_graphql::rate_limit::RateLimiter;

/// Time for which a verified key is cached; a revoked key stops working within it.
const KEY_CACHE_TTL: Duration = Duration::from_secs(2);
/// Generation of all credentials: they do not depend on the warehouse's records.
const GENERATION: i64 = 0;

/// Digest of a credential, so that no cache holds the credential itself.
type Digest = [u8; 32];

/// Viewer of a credential, if it is valid.
type Verified = Option<Viewer>;

/// Authenticates requests; caches verified keys and limits rates.
pub struct Authenticator {
    verified: Cache<Digest, Verified>,
    checks: SingleFlight<Digest, Result<Verified, Rejection>>,
    open: Mutex<Option<(bool, Instant)>>,
    rate_limit: RateLimiter,
}

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

/// The database is unavailable.
const NO_DATABASE: Rejection = Rejection::Unavailable(
    "the database cannot be reached, so no key can be checked; try again soon",
);

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

/// Credential presented with a request.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// A key.
    Key(&'a str),
    /// A token of the organization's own sign-in.
    Token(&'a Oidc, &'a str),
    /// First characters of the key that started a session.
    Session(&'a str),
}

/// Name of the session cookie.
pub const COOKIE: &str = "hotwash_session";

/// Authenticates a request and counts it against the rate limit.
///
/// # Errors
/// Fails without a valid credential, or when the rate limit is exceeded.
pub async fn admit(request: &HttpRequest, state: &AppState) -> Result<ViewerScope, Rejection> {
    let viewer = identify(request, &Credential::of(request), state).await?;
    if let Err(rejection) = state.authenticator.check_rate(&viewer, 1) {
        state.journal.rejected_with(request, Some(&viewer), "TOO_MANY");
        return Err(rejection);
    }
    Ok(viewer_scope(viewer, state))
}

/// Authenticates a request and writes a rejection to the access log.
///
/// # Errors
/// Fails when the credential is invalid, or the database is unavailable.
pub async fn identify(
    request: &HttpRequest,
    credential: &Credential,
    state: &AppState,
) -> Result<Viewer, Rejection> {
    let viewer = authenticate(credential, state).await;
    if let Err(rejection) = &viewer {
        state.journal.rejected_with(request, None, rejection.code().graphql());
    }
    viewer
}

/// Adds the viewer's regions, as row ids of the newest snapshot.
pub fn viewer_scope(viewer: Viewer, state: &AppState) -> ViewerScope {
    let snapshot = state.store.pin();
    let regions = snapshot
        .regions
        .values()
        .filter(|region| viewer.regions.contains(&region.code))
        .map(|region| region.id)
        .collect();
    ViewerScope { viewer, regions }
}

/// Returns the viewer of a credential.
///
/// # Errors
/// Fails when the credential is invalid, or the database is unavailable.
pub async fn authenticate(credential: &Credential, state: &AppState) -> Result<Viewer, Rejection> {
    if let Some(shown) = &credential.bearer {
        let presented = match token_issuer(shown, state) {
            Some(oidc) => Presented::Token(oidc, shown),
            None => Presented::Key(shown),
        };
        let known = state.authenticator.verify(state, presented).await?;
        return known.ok_or(Rejection::Unauthenticated(
            "this key is unknown or has expired; ask the operator for another",
        ));
    }
    match (session_of(credential, state), &state.oidc) {
        (Some(SessionOwner::Key(prefix)), _) => {
            let known = state.authenticator.verify(state, Presented::Session(&prefix)).await?;
            return known.ok_or(Rejection::Unauthenticated(
                "the key of this session has ended; sign in with another",
            ));
        }
        (Some(SessionOwner::Oidc(viewer)), Some(_)) => return Ok(viewer),
        _ => {}
    }
    if credential.client != Client::Remote
        && state.oidc.is_none()
        && !state.authenticator.keys_exist(state).await?
    {
        if credential.client == Client::Forwarded {
            return Err(Rejection::Unauthenticated(
                "this request came through a proxy, and without a key only users of this machine \
                 itself are answered; \
                 make a key with `hotwash key create`, and send it as `Authorization: Bearer hw_…`",
            ));
        }
        return Ok(Viewer::local());
    }
    Err(Rejection::Unauthenticated(
        "authenticate: send the header `Authorization: Bearer hw_…`; the operator creates a key \
         with `hotwash key create`",
    ))
}

/// Returns the OpenID Connect issuer if the bearer credential is a token; `None` for a key.
fn token_issuer<'a>(shown: &str, state: &'a AppState) -> Option<&'a Oidc> {
    state.oidc.as_ref().filter(|oidc| oidc.takes_tokens() && !shown.starts_with("hw_"))
}

fn session_of(credential: &Credential, state: &AppState) -> Option<SessionOwner> {
    state.sessions.read(credential.session.as_deref()?)
}

/// Validity of the credential of an open socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Still valid.
    Valid,
    /// Expired or revoked.
    Ended,
    /// Cannot be checked now.
    Unknown,
}

/// Checks the credentials of open sockets, bypassing the cache: all keys in one SQL statement.
/// Returns `None` when the database is unavailable.
pub async fn still_valid<'a>(
    state: &AppState,
    credentials: impl Iterator<Item = &'a Credential>,
) -> Option<Vec<Validity>> {
    let credentials: Vec<&Credential> = credentials.collect();
    let prefix = |credential: &Credential| match &credential.bearer {
        Some(shown) => keys::prefix(shown).map(str::to_owned),
        None => match session_of(credential, state)? {
            SessionOwner::Key(prefix) => Some(prefix),
            SessionOwner::Oidc(_) => None,
        },
    };
    let prefixes: Vec<Option<String>> =
        credentials.iter().map(|credential| prefix(credential)).collect();
    let prefixes_to_check: Vec<String> = prefixes.iter().flatten().cloned().collect();
    let active = keys::active_among(&state.primary, &prefixes_to_check).await.ok()?;
    let validity = |is_valid: bool| if is_valid { Validity::Valid } else { Validity::Ended };
    let mut found = Vec::with_capacity(credentials.len());
    for (credential, prefix) in credentials.into_iter().zip(prefixes) {
        found.push(match (prefix, &credential.bearer) {
            (Some(prefix), _) => validity(active.prefixes.contains(&prefix)),
            (None, Some(token)) => match token_issuer(token, state) {
                Some(oidc) => match oidc.viewer(token).await {
                    Ok(_) => Validity::Valid,
                    Err(OidcError::Away) => Validity::Unknown,
                    Err(OidcError::Rejected(_) | OidcError::NoRole) => Validity::Ended,
                },
                None => Validity::Ended,
            },
            (None, None) => match session_of(credential, state) {
                Some(_) => validity(state.oidc.is_some()),
                None => validity(
                    credential.client == Client::Local && state.oidc.is_none() && !active.any_made,
                ),
            },
        });
    }
    Some(found)
}

impl Authenticator {
    /// Creates an authenticator that allows `rate` requests per second for each key; 0 means no
    /// limit. `keys_exist` states whether keys existed at startup, in case the database is
    /// unavailable later.
    pub fn new(rate: u32, keys_exist: bool, budget: &CacheBudget) -> Self {
        let rate = u64::from(rate);
        let bytes = |_: &Digest, _: &Verified| size_of::<(Digest, Viewer)>();
        Self {
            verified: Cache::expiring(budget, Part::Credentials, bytes, KEY_CACHE_TTL),
            checks: SingleFlight::default(),
            open: Mutex::new(Some((keys_exist, Instant::now()))),
            rate_limit: RateLimiter::new(rate, Duration::from_secs(1), rate * 4),
        }
    }

    /// Size and use of the cache.
    pub fn status(&self) -> CacheStatus {
        self.verified.status()
    }

    /// Returns the viewer of a credential, reading the database at most every two seconds.
    pub async fn verify(
        &self,
        state: &AppState,
        presented: Presented<'_>,
    ) -> Result<Option<Viewer>, Rejection> {
        let digest = match presented {
            Presented::Key(key) => blake3::derive_key("hotwash key at the door", key.as_bytes()),
            Presented::Token(_, token) => {
                blake3::derive_key("hotwash token at the door", token.as_bytes())
            }
            Presented::Session(prefix) => {
                blake3::derive_key("hotwash session at the door", prefix.as_bytes())
            }
        };
        if let Some(viewer) = self.verified.get(GENERATION, &digest) {
            return Ok(viewer);
        }
        let check = async {
            let viewer = match presented {
                Presented::Key(key) => {
                    keys::verify(&state.primary, key).await.map_err(|_| NO_DATABASE)?
                }
                Presented::Session(prefix) => {
                    keys::still_active(&state.primary, prefix).await.map_err(|_| NO_DATABASE)?
                }
                // A rejected token is not cached, since the reason may be temporary.
                Presented::Token(oidc, token) => Some(oidc.viewer(token).await?),
            };
            self.verified.insert(GENERATION, digest, viewer.clone());
            Ok(viewer)
        };
        self.checks.run(digest, check).await
    }

    /// Returns whether any key was created. From then on every request needs one.
    ///
    /// # Errors
    /// Fails when the database is unavailable and nothing is cached.
    pub async fn keys_exist(&self, state: &AppState) -> Result<bool, Rejection> {
        if let Some((exist, at)) = *self.open.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < KEY_CACHE_TTL
        {
            return Ok(exist);
        }
        let exist = keys::any_made(&state.primary).await;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match (exist, *open) {
            (Ok(exist), _) => {
                *open = Some((exist, Instant::now()));
                Ok(exist)
            }
            // While the database is unavailable, the last known state counts: the snapshot can
            // still be read.
            (Err(_), Some((exist, _))) => Ok(exist),
            (Err(_), None) => Err(NO_DATABASE),
        }
    }

    /// Counts this many requests against the viewer's rate limit; the local user has none.
    pub fn check_rate(&self, viewer: &Viewer, requests: usize) -> Result<(), Rejection> {
        if viewer.is_local() || requests == 0 {
            return Ok(());
        }
        self.rate_limit.take(&viewer.name, requests as u64).map(|_| ()).map_err(Rejection::TooMany)
    }
}
