//! `/export/{list}.{csv|jsonl|parquet|arrow}` streams complete lists, with filters in the query
//! string. Without a file extension the `Accept` header selects the format.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use tokio_stream::wrappers::ReceiverStream;

use super::{AppState, accept, authenticate};
use crate::export::{self, ExportError, Format};
use hotwash_graphql::ViewerScope;
use hotwash_graphql::error::AWAY;

/// Streams an export.
pub async fn export(
    request: HttpRequest,
    state: web::Data<AppState>,
    file: web::Path<String>,
) -> HttpResponse {
    let seen = match authenticate::admit(&request, &state).await {
        Ok(seen) => seen,
        Err(rejection) => {
            return rejection.with_headers(error_response(rejection.status(), rejection.message()));
        }
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let response = answer(&request, &state, seen, &file).await;
    let operation = format!("GET {}", request.uri());
    state.journal.note(
        &request,
        &viewer,
        &operation,
        response.status().as_u16().to_string(),
        began,
    );
    response
}

/// Builds a JSON response with an error message.
pub fn error_response(status: StatusCode, message: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status).json(serde_json::json!({ "error": message.into() }))
}

/// Export format that the `Accept` header prefers.
pub fn negotiated(request: &HttpRequest) -> Option<Format> {
    let offered =
        Format::ALL.map(|format| format.media_type().split(';').next().unwrap_or_default());
    let best = accept::best(request.headers(), &offered)?;
    Format::ALL.into_iter().find(|format| format.media_type().starts_with(best))
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
        let message = format!(
            "write it as /export/NAME.csv, .jsonl, .parquet or .arrow, with NAME one of {}",
            export::names().join(", ")
        );
        return error_response(StatusCode::NOT_FOUND, message);
    };
    let filters: Vec<(String, String)> =
        match web::Query::<Vec<(String, String)>>::from_query(request.query_string()) {
            Ok(filters) => filters.into_inner(),
            Err(error) => return error_response(StatusCode::BAD_REQUEST, error.to_string()),
        };
    let planned = match export::plan(name, &filters, &seen) {
        Ok(planned) => export::run(&state.read_url, planned, format).await,
        Err(error) => Err(error),
    };
    match planned {
        Ok(pieces) => HttpResponse::Ok()
            .content_type(format.media_type())
            .insert_header((
                "content-disposition",
                format!("attachment; filename=\"{name}.{}\"", format.ending()),
            ))
            .insert_header(("vary", "accept"))
            .streaming(ReceiverStream::new(pieces)),
        Err(error @ ExportError::Unknown { .. }) => {
            error_response(StatusCode::NOT_FOUND, error.to_string())
        }
        Err(error @ ExportError::Filter(_)) => {
            error_response(StatusCode::BAD_REQUEST, error.to_string())
        }
        Err(error @ ExportError::Forbidden) => {
            error_response(StatusCode::FORBIDDEN, error.to_string())
        }
        Err(ExportError::Database(error)) if error.is_away() => {
            tracing::warn!(%error, "an export was not begun");
            error_response(StatusCode::SERVICE_UNAVAILABLE, AWAY)
        }
        Err(ExportError::Database(error)) => {
            tracing::error!(%error, "an export failed");
            error_response(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database could not answer; see the server's log for the reason",
            )
        }
    }
}
