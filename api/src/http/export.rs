//! `/export/{list}.{csv|jsonl|parquet|arrow}` streams complete lists, with filters in the query
//! string. Without a file extension the `Accept` header selects the format.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use futures::StreamExt;
use futures::stream;
use tokio_stream::wrappers::ReceiverStream;

use super::state::AppState;
use super::{accept, authenticate, error};
use crate::export::{self, ExportError, Format};
use hotwash_graphql::ViewerScope;
use hotwash_graphql::error::{AWAY, Code};

/// Streams an export.
pub async fn export(
    request: HttpRequest,
    state: web::Data<AppState>,
    file: web::Path<String>,
) -> HttpResponse {
    let seen = match authenticate::admit(&request, &state).await {
        Ok(seen) => seen,
        Err(rejection) => {
            return rejection.with_headers(error::json(rejection.code(), rejection.message()));
        }
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let response = answer(&request, &state, seen, &file).await;
    let operation = format!("{} {}", request.method(), request.uri());
    state.journal.note(
        &request,
        &viewer,
        &operation,
        response.status().as_u16().to_string(),
        began,
    );
    response
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
        return error::json(Code::NotFound, message);
    };
    let filters: Vec<(String, String)> =
        match web::Query::<Vec<(String, String)>>::from_query(request.query_string()) {
            Ok(filters) => filters.into_inner(),
            Err(cause) => return error::json(Code::BadUserInput, cause.to_string()),
        };
    let planned = match export::plan(name, &filters, &seen) {
        Ok(_) if request.method() == Method::HEAD => Ok(stream::empty().boxed()),
        Ok(planned) => export::run(&state.read_url, planned, format)
            .await
            .map(|pieces| ReceiverStream::new(pieces).boxed()),
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
            .streaming(pieces),
        Err(ExportError::Database(cause)) if cause.is_away() => {
            tracing::warn!(error = %cause, "an export was not begun");
            error::json(Code::Unavailable, AWAY)
        }
        Err(ExportError::Database(cause)) => {
            tracing::error!(error = %cause, "an export failed");
            let message = "the database could not answer; see the server's log for the reason";
            error::json(Code::Unavailable, message)
        }
        Err(cause) => error::json(cause.code(), cause.to_string()),
    }
}
