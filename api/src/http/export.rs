//! `/export/{list}.{csv|jsonl|parquet|arrow}`: whole lists, streamed, with filters in the query;
//! without an ending the `Accept` header decides.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use tokio_stream::wrappers::ReceiverStream;

use super::{AppState, accept, authenticate};
use crate::export::{self, ExportError, Format};
use crate::graphql::ViewerScope;
use crate::graphql::error::AWAY;

/// Streams an export.
pub async fn export(
    request: HttpRequest,
    state: web::Data<AppState>,
    file: web::Path<String>,
) -> HttpResponse {
    let seen = match authenticate::admit(&request, &state).await {
        Ok(seen) => seen,
        Err(refused) => return refused.with_headers(refuse(refused.status(), refused.message())),
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let response = answer(&request, &state, seen, &file).await;
    let asked = format!("GET {}", request.uri());
    state.journal.note(&request, &viewer, &asked, response.status().as_u16().to_string(), began);
    response
}

/// An answer that says what is wrong.
pub fn refuse(status: StatusCode, said: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status).json(serde_json::json!({ "error": said.into() }))
}

/// The format that the client likes best.
pub fn negotiated(request: &HttpRequest) -> Option<Format> {
    let offered = Format::ALL.map(|format| format.media().split(';').next().unwrap_or_default());
    let best = accept::best(request.headers(), &offered)?;
    Format::ALL.into_iter().find(|format| format.media().starts_with(best))
}

async fn answer(
    request: &HttpRequest,
    state: &AppState,
    seen: ViewerScope,
    file: &str,
) -> HttpResponse {
    let (name, format) = match file.rsplit_once('.') {
        Some((name, ending)) => (name, Format::of_ending(ending)),
        None => (file, negotiated(request)),
    };
    let Some(format) = format else {
        let said = format!(
            "write it as /export/NAME.csv, .jsonl, .parquet or .arrow, with NAME one of {}",
            export::names().join(", ")
        );
        return refuse(StatusCode::NOT_FOUND, said);
    };
    let filters: Vec<(String, String)> =
        match web::Query::<Vec<(String, String)>>::from_query(request.query_string()) {
            Ok(filters) => filters.into_inner(),
            Err(error) => return refuse(StatusCode::BAD_REQUEST, error.to_string()),
        };
    let made = match export::plan(name, &filters, &seen) {
        Ok(planned) => export::run(&state.read_url, planned, format).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(pieces) => HttpResponse::Ok()
            .content_type(format.media())
            .insert_header((
                "content-disposition",
                format!("attachment; filename=\"{name}.{}\"", format.ending()),
            ))
            .insert_header(("vary", "accept"))
            .streaming(ReceiverStream::new(pieces)),
        Err(error @ ExportError::Unknown { .. }) => {
            refuse(StatusCode::NOT_FOUND, error.to_string())
        }
        Err(error @ ExportError::Filter(_)) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
        Err(error @ ExportError::Forbidden) => refuse(StatusCode::FORBIDDEN, error.to_string()),
        Err(ExportError::Database(error)) if error.is_away() => {
            tracing::warn!(%error, "an export was not begun");
            refuse(StatusCode::SERVICE_UNAVAILABLE, AWAY)
        }
        Err(ExportError::Database(error)) => {
            tracing::error!(%error, "an export failed");
            refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database could not answer; see the server's log for the reason",
            )
        }
    }
}
