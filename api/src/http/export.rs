//! `/export/{type}.{csv|jsonl|parquet}`: whole lists, streamed, with equality filters in the query.

use actix_web::{HttpRequest, HttpResponse, web};
use tokio_stream::wrappers::ReceiverStream;

use super::door::{self, Refused};
use super::{State, journal};
use crate::export::{self, ExportError, Format};

/// Streams an export.
pub async fn export(request: HttpRequest, state: web::Data<State>, file: web::Path<String>) -> HttpResponse {
    let refuse = |status: actix_web::http::StatusCode, said: String| {
        HttpResponse::build(status).json(serde_json::json!({ "error": said }))
    };
    use actix_web::http::StatusCode;
    let seen = match door::enter(&request, &state).await {
        Ok(seen) => seen,
        Err(Refused::Unauthenticated(said)) => return refuse(StatusCode::UNAUTHORIZED, said.into()),
        Err(Refused::TooMany(seconds)) => {
            return HttpResponse::TooManyRequests().insert_header(("retry-after", seconds)).finish();
        }
        Err(Refused::Unavailable) => {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "the database cannot be reached; try again soon".into());
        }
    };
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
    let filters: Vec<(String, String)> = match web::Query::<Vec<(String, String)>>::from_query(request.query_string()) {
        Ok(filters) => filters.into_inner(),
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.to_string()),
    };
    state.journal.note(journal::Entry {
        request: request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned(),
        viewer: seen.viewer.name.clone(),
        role: seen.viewer.role.as_str(),
        operation: journal::shortened(&format!("export {file}?{}", request.query_string())),
        status: "OK".into(),
        seconds: 0.0,
    });
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
                "the database could not answer; the reason stands in the server's log".into(),
            )
        }
    }
}
