//! Token verification: signed by the issuer, intended for this server, and valid now.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::OidcError;
use super::issuer::Issuer;

/// Maximum size of a token, in bytes.
const MAX_TOKEN_BYTES: usize = 16 << 10;
/// Maximum number of keys tried for a token without a key id.
const MOST_KEYS: usize = 4;
/// Accepted algorithms, all asymmetric. `none` and HMAC are excluded: with HMAC, anyone who knows
/// the public key could sign.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Required claims of a token.
pub struct Expected<'a> {
    /// Required audience.
    pub audience: &'a str,
    /// Nonce of the sign-in, for an ID token; `None` for an access token.
    pub nonce: Option<&'a str>,
    /// Allowed clock difference, in seconds.
    pub skew: u64,
}

fn rejected<T>(reason: &'static str) -> Result<T, OidcError> {
    Err(OidcError::Rejected(reason))
}

/// Verifies a token and returns its claims.
///
/// # Errors
/// Fails when the token is invalid.
pub async fn verify(
    issuer: &Issuer,
    token: &str,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, OidcError> {
    let header = header(token)?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let algorithm = text("alg")
        .and_then(|name| ALGORITHMS.into_iter().find(|known| format!("{known:?}") == name));
    let Some(algorithm) = algorithm else {
        return rejected("the token is signed in a way that is not accepted here");
    };
    if header.contains_key("crit") {
        return rejected("the token requires an extension that is not supported");
    }
    let kind = text("typ").unwrap_or("JWT").to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    let fits_kind = kind == "jwt" || (kind == "at+jwt" && expected.nonce.is_none());
    if !fits_kind || header.get("typ").is_some_and(|kind| !kind.is_string()) {
        return rejected("the token is of another type than required");
    }
    let id = text("kid");
    let keys = issuer
        .keys(|key| fits(key, algorithm) && (id.is_none() || key.common.key_id.as_deref() == id))
        .await?;
    let mut validation = Validation::new(algorithm);
    validation.leeway = expected.skew;
    validation.validate_nbf = true;
    validation.set_issuer(&[issuer.url()]);
    validation.set_audience(&[expected.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let mut why = "the token's signature is not its issuer's";
    for key in keys.iter().take(MOST_KEYS) {
        let Ok(key) = DecodingKey::from_jwk(key) else { continue };
        match jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation) {
            Ok(decoded) => return consistent(decoded.claims, expected),
            Err(error) => match error.kind() {
                ErrorKind::ExpiredSignature => {
                    return rejected("the token has expired; get a new one");
                }
                ErrorKind::ImmatureSignature => return rejected("the token is not valid yet"),
                ErrorKind::InvalidIssuer => return rejected("the token is of another issuer"),
                ErrorKind::InvalidAudience => return rejected("the token is for another audience"),
                ErrorKind::MissingRequiredClaim(_) => {
                    why = "the token lacks one of exp, iss, aud and sub"
                }
                ErrorKind::InvalidSignature => {}
                _ => why = "the token cannot be read",
            },
        }
    }
    rejected(why)
}

/// Checks the claims that the library does not check.
fn consistent(
    claims: Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, OidcError> {
    let now = chrono::Utc::now().timestamp();
    let skew = i64::try_from(expected.skew).unwrap_or(i64::MAX);
    match claims.get("iat").map(Value::as_i64) {
        Some(Some(issued)) if issued > now.saturating_add(skew) => {
            return rejected("the token is not valid yet");
        }
        Some(None) => return rejected("the token cannot be read"),
        _ => {}
    }
    if claims.get("sub").and_then(Value::as_str).is_none_or(str::is_empty) {
        return rejected("the token names no subject");
    }
    match (expected.nonce, claims.get("nonce")) {
        (Some(nonce), given) if given.and_then(Value::as_str) != Some(nonce) => {
            rejected("the sign-in is not the one that started here; start again")
        }
        // ID tokens are for signing in only; the API accepts access tokens.
        (None, Some(_)) => rejected("the token is of another type than required"),
        (Some(_), _) if !has_only_our_audience(&claims, expected.audience) => {
            rejected("the token is for another audience")
        }
        _ => Ok(claims),
    }
}

/// Returns whether an ID token with several audiences was issued to this client.
fn has_only_our_audience(claims: &Map<String, Value>, client: &str) -> bool {
    let several = claims.get("aud").and_then(Value::as_array).is_some_and(|list| list.len() > 1);
    match claims.get("azp") {
        Some(by) => by.as_str() == Some(client),
        None => !several,
    }
}

fn header(token: &str) -> Result<Map<String, Value>, OidcError> {
    if token.len() > MAX_TOKEN_BYTES || token.split('.').count() != 3 {
        return rejected("this is neither a key nor a token");
    }
    let first = token.split('.').next().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(first).ok();
    match bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        Some(header) => Ok(header),
        None => rejected("this is neither a key nor a token"),
    }
}

/// Returns whether a key fits the algorithm: its declared use, family and curve.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let family = match &key.algorithm {
        AlgorithmParameters::RSA(_) => {
            !matches!(algorithm, Algorithm::ES256 | Algorithm::ES384 | Algorithm::EdDSA)
        }
        AlgorithmParameters::EllipticCurve(parameters) => match parameters.curve {
            EllipticCurve::P256 => algorithm == Algorithm::ES256,
            EllipticCurve::P384 => algorithm == Algorithm::ES384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(parameters) => {
            parameters.curve == EllipticCurve::Ed25519 && algorithm == Algorithm::EdDSA
        }
        _ => false,
    };
    let signs = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let named =
        key.common.key_algorithm.is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
    family && signs && named
}
