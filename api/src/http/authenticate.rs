//! Authenticates every request: by key, token or session, or as the local user while none of these
//! is set up.

use actix_web::HttpRequest;
use hotwash_graphql::ViewerScope;
use hotwash_schema::access::Viewer;
use hotwash_schema::keys;

use super::authenticator::Presented;
use super::credential::{Client, Credential};
use super::rejection::Rejection;
use super::session::{Session, SessionOwner};
use super::state::AppState;
use crate::oidc::{Oidc, OidcError};

/// Authenticates a request and counts it against the rate limit.
///
/// # Errors
/// Fails without a valid credential, or when the rate limit is exceeded.
pub async fn admit(request: &HttpRequest, state: &AppState) -> Result<ViewerScope, Rejection> {
    let viewer = identify(request, &Credential::of(request), state).await?;
    if let Err(rejection) = state.authenticator.check_rate(&viewer, 1) {
        state.journal.rejected_with(request, Some(&viewer), rejection.code().graphql());
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
        let known = state.authenticator.verify(&state.primary, presented).await?;
        return known.ok_or(Rejection::Unauthenticated(
            "this key is unknown or has expired; ask the operator for another",
        ));
    }
    if let Some(session) = session_of(credential, state)
        && (state.oidc.is_some() || matches!(session.owner, SessionOwner::Key(_)))
    {
        let known = state.authenticator.verify(&state.primary, presented(&session)).await?;
        return known.ok_or(Rejection::Unauthenticated(
            "this session has ended, by sign-out or with its key; sign in again",
        ));
    }
    if credential.client != Client::Remote
        && state.oidc.is_none()
        && !state.authenticator.keys_exist(&state.primary).await?
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

/// Returns the session of a request; `None` if it has none, or a forged or expired one.
pub fn session_of(credential: &Credential, state: &AppState) -> Option<Session> {
    state.sessions.read(credential.session.as_deref()?)
}

/// Returns a session as a credential.
pub fn presented(session: &Session) -> Presented<'_> {
    match &session.owner {
        SessionOwner::Key(prefix) => Presented::Session(&session.id, prefix),
        SessionOwner::Oidc(viewer) => Presented::Account(&session.id, viewer),
    }
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
    let session = |credential: &Credential| match credential.bearer {
        Some(_) => None,
        None => session_of(credential, state),
    };
    let sessions: Vec<Option<Session>> =
        credentials.iter().map(|credential| session(credential)).collect();
    let prefix = |credential: &Credential, session: Option<&Session>| {
        let bearer = credential.bearer.as_deref();
        match session.map(|session| &session.owner) {
            Some(SessionOwner::Key(prefix)) => Some(prefix.clone()),
            Some(SessionOwner::Oidc(_)) => None,
            None => bearer.and_then(keys::prefix).map(str::to_owned),
        }
    };
    let of_each = || credentials.iter().zip(&sessions);
    let prefixes: Vec<Option<String>> =
        of_each().map(|(credential, session)| prefix(credential, session.as_ref())).collect();
    let prefixes_to_check: Vec<String> = prefixes.iter().flatten().cloned().collect();
    let ids: Vec<String> = sessions.iter().flatten().map(|session| session.id.clone()).collect();
    let active = keys::active_among(&state.primary, &prefixes_to_check, &ids).await.ok()?;
    let validity = |is_valid: bool| if is_valid { Validity::Valid } else { Validity::Ended };
    let mut found = Vec::with_capacity(credentials.len());
    for ((credential, session), prefix) in of_each().zip(prefixes) {
        if session.as_ref().is_some_and(|session| active.ended.contains(&session.id)) {
            found.push(Validity::Ended);
            continue;
        }
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
            (None, None) => match session {
                Some(_) => validity(state.oidc.is_some()),
                None => validity(
                    credential.client == Client::Local && state.oidc.is_none() && !active.any_made,
                ),
            },
        });
    }
    Some(found)
}
