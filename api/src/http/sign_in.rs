//! Sign-in to the report, with a key or with an account of the organization's identity provider.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{TimeDelta, Utc};
use hotwash_graphql::error::Code;

use super::authenticate::{presented, session_of};
use super::authenticator::Presented;
use super::credential::{COOKIE, Credential};
use super::error;
use super::origin::{self, same_origin};
use super::rejection::Rejection;
use super::session::{LIFETIME_SECONDS, SessionOwner};
use super::state::AppState;
use crate::oidc::{Flow, Oidc};

/// Cookie of a sign-in in progress at the identity provider.
const FLOW: &str = "hotwash_sign_in";
/// Time limit of a sign-in, in seconds.
const FLOW_SECONDS: i64 = 600;

/// Path of the report's first page.
const FIRST_PAGE: &str = "/";

/// Sign-in page.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    message: &'a str,
    /// Address of the sign-in with an account, if there is one.
    account: Option<String>,
    /// Page of the report to open afterwards.
    next: &'a str,
    /// The session has started; show the link to the report.
    done: bool,
}

/// Page of the report to which a reader returns.
#[derive(Default, serde::Deserialize)]
pub struct Return {
    /// Its path and query.
    #[serde(default)]
    next: String,
}

/// Maximum length of a path to return to.
const LONGEST_PATH: usize = 2_000;

impl Return {
    /// Returns the path if it is one of this server, or the first page.
    fn path(&self) -> &str {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        let is_own = self.next.starts_with('/')
            && !self.next.starts_with("//")
            && !self.next.starts_with("/sign-")
            && self.next.len() <= LONGEST_PATH
            && self.next.bytes().all(is_plain);
        if is_own { &self.next } else { FIRST_PAGE }
    }
}

/// Returns an address with the path to return to, unless that is the first page.
fn returning(address: &str, next: &str) -> String {
    if next == FIRST_PAGE {
        return address.to_owned();
    }
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{address}?next={next}")
}

/// Redirects a reader without a session to the sign-in page, which leads back to this page.
pub fn redirect(request: &HttpRequest) -> HttpResponse {
    let next =
        Return { next: request.uri().path_and_query().map_or("", |uri| uri.as_str()).into() };
    let location = returning("/sign-in", next.path());
    HttpResponse::SeeOther().insert_header(("location", location)).finish()
}

fn sign_in_page(
    state: &AppState,
    next: &Return,
    code: Option<Code>,
    message: &str,
    done: bool,
) -> HttpResponse {
    let status = code.map_or(StatusCode::OK, error::status);
    let next = next.path();
    let signs_in = state.oidc.as_ref().is_some_and(Oidc::signs_in);
    let account = signs_in.then(|| returning("/sign-in/oidc", next));
    match (SignIn { message, account, next, done }).render() {
        Ok(html) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html),
        Err(cause) => error::text(Code::Internal, cause.to_string()),
    }
}

fn rejected_page(state: &AppState, next: &Return, rejection: &Rejection) -> HttpResponse {
    let page = sign_in_page(state, next, Some(rejection.code()), &rejection.message(), false);
    rejection.with_headers(page)
}

/// `GET /sign-in`.
pub async fn page(state: web::Data<AppState>, next: Option<web::Query<Return>>) -> HttpResponse {
    sign_in_page(&state, &next.map(web::Query::into_inner).unwrap_or_default(), None, "", false)
}

/// Fields of the sign-in form.
#[derive(serde::Deserialize)]
pub struct Form {
    key: String,
    #[serde(flatten)]
    next: Return,
}

/// `POST /sign-in`: starts a session with a key.
pub async fn with_key(
    request: HttpRequest,
    state: web::Data<AppState>,
    form: web::Form<Form>,
) -> HttpResponse {
    let next = &form.next;
    if !same_origin(&request) {
        return rejected_page(
            &state,
            &Return::default(),
            &Rejection::Forbidden("this form was sent by a page of another site; sign in here"),
        );
    }
    let key = form.key.trim();
    let verified = state.authenticator.verify(&state.primary, Presented::Key(key)).await;
    let prefix = match (verified, hotwash_schema::keys::prefix(key)) {
        (Ok(Some(_)), Some(prefix)) => prefix,
        // Guessing a 256-bit key is hopeless; the delay makes attempts costly anyway.
        (Ok(_), _) => {
            state.journal.rejected_with(&request, None, Code::Unauthenticated.graphql());
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            return sign_in_page(
                &state,
                next,
                Some(Code::Unauthenticated),
                "This key is unknown or has expired.",
                false,
            );
        }
        (Err(reason), _) => return rejected_page(&state, next, &reason),
    };
    let session = state.sessions.begin(SessionOwner::Key(prefix.to_owned()));
    HttpResponse::SeeOther()
        .insert_header(("location", next.path()))
        .cookie(cookie(&request, COOKIE, session, SameSite::Strict, "/", LIFETIME_SECONDS))
        .finish()
}

/// `GET /sign-in/oidc`: redirects to the identity provider.
pub async fn with_account(
    request: HttpRequest,
    state: web::Data<AppState>,
    next: Option<web::Query<Return>>,
) -> HttpResponse {
    let next = next.map(web::Query::into_inner).unwrap_or_default();
    let Some(oidc) = state.oidc.as_ref().filter(|oidc| oidc.signs_in()) else {
        return sign_in_page(
            &state,
            &next,
            Some(Code::NotFound),
            "This server signs in with keys alone.",
            false,
        );
    };
    let Some(here) = origin::base_url(&request) else {
        return rejected_page(
            &state,
            &next,
            &Rejection::Forbidden(
                "this request does not name the server; open its address in a browser",
            ),
        );
    };
    match oidc.begin(&here).await {
        Ok((flow, endpoint)) => {
            let sealed = state.sessions.seal("flow", &(flow, next.path()), FLOW_SECONDS);
            HttpResponse::SeeOther()
                .insert_header(("location", endpoint))
                // `Lax`, because the issuer's page sends the reader back here.
                .cookie(cookie(&request, FLOW, sealed, SameSite::Lax, "/sign-in", FLOW_SECONDS))
                .finish()
        }
        Err(error) => rejected_page(&state, &next, &error.into()),
    }
}

/// Query parameters with which the issuer redirects back.
#[derive(serde::Deserialize)]
pub struct CallbackParameters {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
}

/// `GET /sign-in/oidc/callback`: starts a session with an account.
pub async fn back_from_account(
    request: HttpRequest,
    state: web::Data<AppState>,
    answer: web::Query<CallbackParameters>,
) -> HttpResponse {
    let begun = request.cookie(FLOW);
    let begun = begun.and_then(|sealed| state.sessions.open("flow", sealed.value()));
    let (flow, next): (Option<Flow>, Option<String>) = begun.unzip();
    let next = Return { next: next.unwrap_or_default() };
    let ended = match (&state.oidc, flow, &answer.state, &answer.code) {
        (Some(oidc), Some(flow), Some(given), Some(code)) if flow.state == *given => {
            oidc.end(&flow, code, answer.iss.as_deref()).await.map_err(Rejection::from)
        }
        (_, Some(flow), Some(given), None) if flow.state == *given => {
            Err(Rejection::Unauthenticated("the sign-in was not completed; start again"))
        }
        _ => Err(Rejection::Forbidden(
            "this does not answer a sign-in that started in this browser; start again",
        )),
    };
    let mut response = match ended {
        // Show a page instead of redirecting: after a redirect from the issuer's site, browsers
        // would withhold the session cookie as part of a cross-site navigation.
        Ok(viewer) => {
            let mut page = sign_in_page(&state, &next, None, "", true);
            let session = state.sessions.begin(SessionOwner::Oidc(viewer));
            let cookie = cookie(&request, COOKIE, session, SameSite::Strict, "/", LIFETIME_SECONDS);
            if let Err(error) = page.add_cookie(&cookie) {
                tracing::error!(%error, "a session's cookie could not be written");
            }
            page
        }
        Err(reason) => {
            state.journal.rejected_with(&request, None, reason.code().graphql());
            rejected_page(&state, &next, &reason)
        }
    };
    let mut over = Cookie::build(FLOW, "").path("/sign-in").finish();
    over.make_removal();
    let _ = response.add_cookie(&over);
    response
}

/// `POST /sign-out`: ends the session on all servers, even if its cookie was copied.
pub async fn end(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let first = Return::default();
    if !same_origin(&request) {
        return rejected_page(
            &state,
            &first,
            &Rejection::Forbidden("this form was sent by a page of another site"),
        );
    }
    if let Some(session) = session_of(&Credential::of(&request), &state) {
        let expires_at = Utc::now() + TimeDelta::seconds(LIFETIME_SECONDS);
        let ended = state.authenticator.end(&state.primary, presented(&session), expires_at);
        if let Err(reason) = ended.await {
            return rejected_page(&state, &first, &reason);
        }
    }
    let mut cookie = Cookie::build(COOKIE, "").path("/").finish();
    cookie.make_removal();
    HttpResponse::SeeOther().insert_header(("location", "/sign-in")).cookie(cookie).finish()
}

fn cookie(
    request: &HttpRequest,
    name: &'static str,
    value: String,
    same_site: SameSite,
    path: &'static str,
    seconds: i64,
) -> Cookie<'static> {
    let secure = origin::scheme(request) == "https";
    Cookie::build(name, value)
        .path(path)
        .http_only(true)
        .same_site(same_site)
        .secure(secure)
        .max_age(Duration::seconds(seconds))
        .finish()
}
