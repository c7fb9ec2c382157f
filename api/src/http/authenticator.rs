//! Verifies credentials, caches verified ones, and limits the rate of requests.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hotwash_cache::{Cache, CacheBudget, CacheStatus, Part, SingleFlight};
use hotwash_graphql::rate_limit::RateLimiter;
use hotwash_schema::access::Viewer;
use hotwash_schema::keys;
use hotwash_schema::pool::Pool;

use super::rejection::Rejection;
use crate::oidc::Oidc;

/// Time for which a verified key is cached; a revoked key stops working within it.
const KEY_CACHE_TTL: Duration = Duration::from_secs(2);
/// Generation of all credentials: they do not depend on the warehouse's records.
const GENERATION: i64 = 0;

/// Digest of a credential, so that no cache holds the credential itself.
type Digest = [u8; 32];

/// Viewer of a credential, if it is valid.
type Verified = Option<Viewer>;

/// The database is unavailable.
const NO_DATABASE: Rejection = Rejection::Unavailable(
    "the database cannot be reached, so no key can be checked; try again soon",
);

/// Authenticates requests; caches verified keys and limits rates.
pub struct Authenticator {
    verified: Cache<Digest, Verified>,
    checks: SingleFlight<Digest, Result<Verified, Rejection>>,
    open: Mutex<Option<(bool, Instant)>>,
    rate_limit: RateLimiter,
}

/// Credential presented with a request.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// A key.
    Key(&'a str),
    /// A token of the organization's own sign-in.
    Token(&'a Oidc, &'a str),
    /// Session, by its id, and the first characters of the key that started it.
    Session(&'a str, &'a str),
    /// Session, by its id, and the viewer of the account that started it.
    Account(&'a str, &'a Viewer),
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
        primary: &Pool,
        presented: Presented<'_>,
    ) -> Result<Option<Viewer>, Rejection> {
        let digest = digest(presented);
        if let Some(viewer) = self.verified.get(GENERATION, &digest) {
            return Ok(viewer);
        }
        let check = async {
            let viewer = match presented {
                Presented::Key(key) => keys::verify(primary, key).await.map_err(|_| NO_DATABASE)?,
                Presented::Session(id, prefix) => {
                    keys::still_active(primary, prefix, id).await.map_err(|_| NO_DATABASE)?
                }
                Presented::Account(id, viewer) => {
                    let ended = keys::is_session_ended(primary, id).await;
                    (!ended.map_err(|_| NO_DATABASE)?).then(|| viewer.clone())
                }
                // A rejected token is not cached, since the reason may be temporary.
                Presented::Token(oidc, token) => Some(oidc.viewer(token).await?),
            };
            self.verified.insert(GENERATION, digest, viewer.clone());
            Ok(viewer)
        };
        self.checks.run(digest, check).await
    }

    /// Ends a session at once here, and within two seconds on other servers.
    ///
    /// # Errors
    /// Fails when the database is unavailable.
    pub async fn end(
        &self,
        primary: &Pool,
        session: Presented<'_>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        if let Presented::Session(id, _) | Presented::Account(id, _) = session {
            keys::end_session(primary, id, expires_at).await.map_err(|_| NO_DATABASE)?;
        }
        self.verified.insert(GENERATION, digest(session), None);
        Ok(())
    }

    /// Returns whether any key was created. From then on every request needs one.
    ///
    /// # Errors
    /// Fails when the database is unavailable and nothing is cached.
    pub async fn keys_exist(&self, primary: &Pool) -> Result<bool, Rejection> {
        if let Some((exist, at)) = *self.open.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < KEY_CACHE_TTL
        {
            return Ok(exist);
        }
        let exist = keys::any_made(primary).await;
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

fn digest(presented: Presented<'_>) -> Digest {
    match presented {
        Presented::Key(key) => blake3::derive_key("hotwash authenticator key", key.as_bytes()),
        Presented::Token(_, token) => {
            blake3::derive_key("hotwash authenticator token", token.as_bytes())
        }
        Presented::Session(id, _) | Presented::Account(id, _) => {
            blake3::derive_key("hotwash authenticator session", id.as_bytes())
        }
    }
}
