//! Sign-in with the authorization code flow and PKCE. The browser stores a sign-in in progress in a
//! sealed cookie; the server stores nothing.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use form_urlencoded::byte_serialize;
use hotwash_schema::access::Viewer;
use rand::RngCore;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use url::Url;

use super::checks::trustworthy;
use super::token::{self, Expected};
use super::{Flow, Oidc, OidcError};

fn random() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Oidc {
    /// Starts a sign-in. Returns the flow and the URL of the issuer's sign-in page. `here` is the
    /// public URL of this server.
    ///
    /// # Errors
    /// Fails when the issuer is unavailable or offers no sign-in.
    pub async fn begin(&self, here: &str) -> Result<(Flow, String), OidcError> {
        let here = self.options.public_url.as_deref().unwrap_or(here).trim_end_matches('/');
        let flow = Flow {
            state: random(),
            nonce: random(),
            verifier: random(),
            redirect: format!("{here}/sign-in/oidc/callback"),
        };
        let known = self.issuer.discovery().await?;
        let client = self.client_id()?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, flow.verifier.as_bytes()));
        let endpoint = known
            .discovery
            .authorization_endpoint
            .as_deref()
            .filter(|endpoint| trustworthy(endpoint));
        let endpoint = endpoint.and_then(|endpoint| {
            let parameters = [
                ("response_type", "code"),
                ("client_id", client),
                ("redirect_uri", &flow.redirect),
                ("scope", &self.options.oidc_scope),
                ("state", &flow.state),
                ("nonce", &flow.nonce),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ];
            Url::parse_with_params(endpoint, parameters).ok()
        });
        let endpoint = endpoint.ok_or(OidcError::Rejected(
            "the sign-in service offers no sign-in that could be used",
        ))?;
        Ok((flow, endpoint.to_string()))
    }

    /// Returns the id of this server at the issuer.
    fn client_id(&self) -> Result<&str, OidcError> {
        let none = OidcError::Rejected("this server offers no sign-in with an account");
        self.options.oidc_client_id.as_deref().ok_or(none)
    }

    /// Completes a sign-in and returns the viewer.
    ///
    /// # Errors
    /// Fails when the code or the token is invalid, or the issuer is unavailable.
    pub async fn end(
        &self,
        flow: &Flow,
        code: &str,
        from: Option<&str>,
    ) -> Result<Viewer, OidcError> {
        if from.is_some_and(|issuer| issuer != self.issuer.url()) {
            return Err(OidcError::Rejected("the answer is of another sign-in service"));
        }
        let client = self.client_id()?;
        let known = self.issuer.discovery().await?;
        let endpoint =
            known.discovery.token_endpoint.as_deref().filter(|endpoint| trustworthy(endpoint));
        let endpoint = endpoint.ok_or(OidcError::Rejected(
            "the sign-in service offers no sign-in that could be used",
        ))?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &flow.redirect),
            ("code_verifier", &flow.verifier),
        ];
        let authorization = self.secret.as_deref().map(|secret| basic(client, secret));
        if authorization.is_none() {
            form.push(("client_id", client));
        }
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let (status, body) =
            self.issuer.post(endpoint, authorization, form).await.map_err(|_| OidcError::Away)?;
        if status.is_server_error() {
            return Err(OidcError::Away);
        }
        let json: Value = serde_json::from_slice(&body).unwrap_or_default();
        if !status.is_success() {
            tracing::warn!(
                error = json["error"].as_str().unwrap_or_default(),
                "the issuer gave no token for a code"
            );
        }
        let token = json["id_token"].as_str();
        let token = token
            .ok_or(OidcError::Rejected("the sign-in has ended or was used already; start again"))?;
        let expected = Expected {
            audience: client,
            nonce: Some(&flow.nonce),
            skew: self.options.oidc_clock_skew,
        };
        self.of(&token::verify(&self.issuer, token, &expected).await?)
    }
}

/// Returns the authorization header of a client (RFC 6749, 2.3.1).
fn basic(client: &str, secret: &str) -> String {
    let encoded = |text: &str| -> String { byte_serialize(text.as_bytes()).collect() };
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(client), encoded(secret))))
}
