//! Issuer metadata and keys: read when first needed, and again when outdated or when a token names
//! an unknown key. While the issuer is unavailable, the cached keys remain in use.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::OidcError;
use super::checks::trustworthy;

/// Time limit for a request to the issuer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum size of an answer, in bytes.
const MAX_RESPONSE_BYTES: usize = 1 << 20;
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
    client: reqwest::Client,
    known: RwLock<Option<Arc<IssuerMetadata>>>,
    last: tokio::sync::Mutex<Option<Attempt>>,
}

impl Issuer {
    /// Creates an issuer for a URL.
    ///
    /// # Errors
    /// Fails when no HTTP client can be created.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .connect_timeout(REQUEST_TIMEOUT / 2)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("hotwash")
            .build()?;
        let inner = Inner {
            url: url.to_owned(),
            client,
            known: RwLock::default(),
            last: tokio::sync::Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
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

    /// HTTP client, for exchanging a code.
    pub fn client(&self) -> &reqwest::Client {
        &self.inner.client
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
        let mut response = self.client.get(url).send().await?;
        if !response.status().is_success() {
            return Err(IssuerError::Status(url.to_owned(), response.status()));
        }
        serde_json::from_slice(&body(&mut response).await?)
            .map_err(|error| IssuerError::NoJson(url.to_owned(), error))
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
    /// The request failed; the error names the address.
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    /// The issuer answers with an error.
    #[error("{0} answers {1}")]
    Status(String, reqwest::StatusCode),
    /// The answer is no JSON of the expected form.
    #[error("{0}: {1}")]
    NoJson(String, serde_json::Error),
    /// The answer is too large.
    #[error("the answer is larger than 1 MiB")]
    TooLarge,
}

/// Reads the body of an answer, up to the maximum size.
pub async fn body(response: &mut reqwest::Response) -> Result<Vec<u8>, IssuerError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        body.extend_from_slice(&piece);
        if body.len() > MAX_RESPONSE_BYTES {
            return Err(IssuerError::TooLarge);
        }
    }
    Ok(body)
}
