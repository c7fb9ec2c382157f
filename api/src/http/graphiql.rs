//! `/graphiql`: the query editor, served from the binary and without other hosts. If the editor was
//! not built in, the page explains what is missing and how to query without it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use hotwash_graphql::error::Code;

use super::rejection::Rejection;
use super::state::AppState;
use super::{authenticate, error, sign_in};

include!(concat!(env!("OUT_DIR"), "/graphiql.rs"));

/// Content security policy. The editor needs worker threads and inline styles; `eval` and other
/// hosts stay forbidden.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src \
    'self'; font-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

#[derive(Template)]
#[template(path = "graphiql.html")]
struct QueryPage {
    version: &'static str,
    missing: &'static str,
}

/// `GET /graphiql`.
pub async fn page(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    match authenticate::admit(&request, &state).await {
        Ok(_) => {}
        Err(Rejection::Unauthenticated(_)) => {
            return sign_in::redirect(&request);
        }
        Err(rejection) => {
            return rejection.with_headers(error::text(rejection.code(), rejection.message()));
        }
    }
    match (QueryPage { version: VERSION, missing: MISSING }).render() {
        Ok(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header(("content-security-policy", POLICY))
            .body(html),
        Err(cause) => error::text(Code::Internal, cause.to_string()),
    }
}

/// `GET /graphiql/{version}/{file}`; browsers may cache the file, since its URL contains the
/// version.
pub async fn file(path: web::Path<(String, String)>) -> HttpResponse {
    let (version, name) = path.into_inner();
    let Some((_, bytes)) = FILES.iter().find(|(known, _)| version == VERSION && *known == name)
    else {
        return error::text(Code::NotFound, "there is no such file; open /graphiql");
    };
    let media = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("ttf") => "font/ttf",
        _ => "text/plain; charset=utf-8",
    };
    HttpResponse::Ok()
        .content_type(media)
        .insert_header(("cache-control", "public, max-age=31536000, immutable"))
        .insert_header(("content-security-policy", POLICY))
        .body(*bytes)
}
