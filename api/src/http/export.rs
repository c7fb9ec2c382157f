//! `/export/{type}.{csv|jsonl|parquet}`: whole lists, streamed, with equality filters in the query.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use tokio_stream::wrappers::ReceiverStream;

use super::{State, door};
use crate::export::{self, ExportError, Format};
use crate::graphql::Seen;

/// Streams an export.
pub async fn export(request: HttpRequest, state: web::Data<State>, file: web::Path<String>) -> HttpResponse {
    let seen = match door::enter(&request, &state).await {
        Ok(seen) => seen,
        Err(refused) => return refused.turn_away(refuse(refused.status(), refused.said())),
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let response = answer(&state, seen, &file, request.query_string()).await;
    let asked = format!("GET {}", request.uri());
    state.journal.note(&request, &viewer, &asked, response.status().as_u16().to_string(), began);
    response
}

fn refuse(status: StatusCode, said: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status).json(serde_json::json!({ "error": said.into() }))
}

async fn answer(state: &State, seen: Seen, file: &str, query: &str) -> HttpResponse {
    let Some((name, format)) =
        file.rsplit_once('.').and_then(|(name, ending)| Some((name, Format::of_ending(ending)?)))
    else {
        return refuse(
            StatusCode::NOT_FOUND,
            format!(
                "write it as /export/NAME.csv, .jsonl or .parquet, with NAME one of {}",
                export::names().join(", ")
            ),
        );
    };
    let filters: Vec<(String, String)> = match web::Query::<Vec<(String, String)>>::from_query(query) {
        Ok(filters) => filters.into_inner(),
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.to_string()),
    };
    let made = match export::plan(name, &filters, &seen) {
        Ok((columns, sql)) => export::run(&state.url, columns, sql, format).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(pieces) => HttpResponse::Ok()
            .content_type(format.media())
            .insert_header(("content-disposition", format!("attachment; filename=\"{name}.{}\"", format.ending())))
            .streaming(ReceiverStream::new(pieces)),
        Err(error @ ExportError::Unknown { .. }) => refuse(StatusCode::NOT_FOUND, error.to_string()),
        Err(error @ ExportError::Filter(_)) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
        Err(error @ ExportError::Forbidden) => refuse(StatusCode::FORBIDDEN, error.to_string()),
        Err(ExportError::Database(error)) => {
            tracing::error!(%error, "an export failed");
            refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database could not answer; the reason stands in the server's log",
            )
        }
    }
}
