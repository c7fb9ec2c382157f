//! Issuer metadata and keys: read when first needed, and again when outdated or when a token names
//! an unknown key. While the issuer is unavailable, the cached keys remain in use.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::OidcError;
use super::checks::trustworthy;
use crate::outgoing::agent;

/// Time limit for a request to the issuer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum size of an answer, in bytes.
const MAX_RESPONSE_BYTES: u64 = 1 << 20;
/// Age after which keys are read again; a key that the issuer withdraws stops working within it.
const METADATA_TTL: Duration = Duration::from_secs(300);
/// Minimum pause between two reads, so that tokens with invented key ids cannot flood the issuer.
const RETRY_PAUSE: Duration = Duration::from_secs(2);

/// Discovery document of the issuer.
#[derive(Clone, Debug, Deserialize)]
pub struct Discovery {
    issuer: String,
    jwks_uri: String,
    /// URL of the sign-in page.
    pub authorization_endpoint: Option<String>,
    /// URL at which a code is exchanged for a token.
    pub token_endpoint: Option<String>,
}

/// Cached metadata and keys of the issuer.
#[derive(Debug)]
pub struct IssuerMetadata {
    /// Discovery document.
    pub discovery: Discovery,
    keys: Vec<Jwk>,
    read: Instant,
}

/// The last attempt to read the metadata.
#[derive(Clone, Copy)]
struct Attempt {
    at: Instant,
    failed: bool,
}

/// An OpenID Connect issuer.
pub struct Issuer {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    agent: Agent,
    known: RwLock<Option<Arc<IssuerMetadata>>>,
    last: tokio::sync::Mutex<Option<Attempt>>,
}

impl Issuer {
    /// Creates an issuer for a URL.
    pub fn new(url: &str) -> Self {
        let inner = Inner {
            url: url.to_owned(),
            agent: agent(REQUEST_TIMEOUT),
            known: RwLock::default(),
            last: tokio::sync::Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Issuer URL, as named in tokens.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Returns the keys that satisfy `fits`; reads the issuer's keys again if none does.
    ///
    /// # Errors
    /// Fails when no key fits, or the issuer is unavailable.
    pub async fn keys(&self, fits: impl Fn(&Jwk) -> bool) -> Result<Vec<Jwk>, OidcError> {
        let fitting = |known: &IssuerMetadata| {
            known.keys.iter().filter(|key| fits(key)).cloned().collect::<Vec<_>>()
        };
        if let Some(known) = self.known() {
            let keys = fitting(&known);
            if !keys.is_empty() {
                if known.read.elapsed() > METADATA_TTL {
                    // Refresh in the background: the cached keys remain valid meanwhile.
                    let inner = Arc::clone(&self.inner);
                    tokio::spawn(async move { inner.read_again(known.read).await });
                }
                return Ok(keys);
            }
        }
        let before = self.known().map_or_else(Instant::now, |known| known.read);
        self.inner.read_again(before).await?;
        let keys = self.known().map(|known| fitting(&known)).unwrap_or_default();
        if keys.is_empty() {
            Err(OidcError::Rejected(
                "the token is signed with a key that its issuer does not publish",
            ))
        } else {
            Ok(keys)
        }
    }

    /// Returns the discovery document.
    ///
    /// # Errors
    /// Fails when it was never read and the issuer is unavailable.
    pub async fn discovery(&self) -> Result<Arc<IssuerMetadata>, OidcError> {
        if self.known().is_none() {
            self.inner.read_again(Instant::now()).await?;
        }
        self.known().ok_or(OidcError::Away)
    }

    /// Sends a form, for exchanging a code. Returns the status of the answer and its body.
    ///
    /// # Errors
    /// Fails when the issuer cannot be reached, or its answer is too large.
    pub async fn post(
        &self,
        url: &str,
        authorization: Option<String>,
        form: String,
    ) -> Result<(StatusCode, Vec<u8>), IssuerError> {
        let mut request =
            self.inner.agent.post(url).content_type("application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        answer(url, move || request.send(form)).await
    }

    fn known(&self) -> Option<Arc<IssuerMetadata>> {
        self.inner.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Inner {
    /// Reads the keys, unless that happened since `before` or very recently. One read at a time.
    async fn read_again(&self, before: Instant) -> Result<(), OidcError> {
        let mut last = self.last.lock().await;
        let known = self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(|known| known.read);
        if known.is_some_and(|read| read > before) {
            return Ok(());
        }
        if let Some(tried) = *last
            && tried.at.elapsed() < RETRY_PAUSE
        {
            return if tried.failed { Err(OidcError::Away) } else { Ok(()) };
        }
        let read = self.read().await;
        *last = Some(Attempt { at: Instant::now(), failed: read.is_err() });
        match read {
            Ok(known) => {
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
                Ok(())
            }
            Err(reason) => {
                tracing::warn!(issuer = self.url, %reason, "the issuer's keys could not be read");
                Err(OidcError::Away)
            }
        }
    }

    async fn read(&self) -> Result<IssuerMetadata, IssuerError> {
        let endpoint =
            format!("{}/.well-known/openid-configuration", self.url.trim_end_matches('/'));
        let discovery: Discovery = self.get(&endpoint).await?;
        if discovery.issuer != self.url {
            return Err(IssuerError::Name(discovery.issuer));
        }
        let set: KeySet = self.get(&discovery.jwks_uri).await?;
        // Keys of unknown kinds are skipped.
        let keys =
            set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        Ok(IssuerMetadata { discovery, keys, read: Instant::now() })
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, IssuerError> {
        if !trustworthy(url) {
            return Err(IssuerError::NotEncrypted(url.to_owned()));
        }
        let request = self.agent.get(url);
        let (status, body) = answer(url, move || request.call()).await?;
        if !status.is_success() {
            return Err(IssuerError::Status(url.to_owned(), status));
        }
        serde_json::from_slice(&body).map_err(|error| IssuerError::NoJson(url.to_owned(), error))
    }
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// Reason why an issuer's metadata or keys cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The issuer has another name.
    #[error("it calls itself {0}; --oidc-issuer must be that name, letter by letter")]
    Name(String),
    /// The address is neither encrypted nor local.
    #[error("{0} is not encrypted")]
    NotEncrypted(String),
    /// The request failed.
    #[error("{0}: {1}")]
    Request(String, ureq::Error),
    /// The request was not made, because the server stops.
    #[error("{0} was not asked: the server stops")]
    Stopped(String),
    /// The issuer answers with an error.
    #[error("{0} answers {1}")]
    Status(String, StatusCode),
    /// The answer is no JSON of the expected form.
    #[error("{0}: {1}")]
    NoJson(String, serde_json::Error),
    /// The answer is too large.
    #[error("the answer is larger than 1 MiB")]
    TooLarge,
}

/// Makes a request on a thread that may block. Returns the status of the answer and its body.
async fn answer(
    url: &str,
    call: impl FnOnce() -> Result<Response<Body>, ureq::Error> + Send + 'static,
) -> Result<(StatusCode, Vec<u8>), IssuerError> {
    let read = move || {
        let mut response = call()?;
        let body = response.body_mut().with_config().limit(MAX_RESPONSE_BYTES).read_to_vec()?;
        Ok((response.status(), body))
    };
    match spawn_blocking(read).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(ureq::Error::BodyExceedsLimit(_))) => Err(IssuerError::TooLarge),
        Ok(Err(error)) => Err(IssuerError::Request(url.to_owned(), error)),
        Err(_) => Err(IssuerError::Stopped(url.to_owned())),
    }
}
