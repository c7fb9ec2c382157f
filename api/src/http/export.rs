//! `/export/{list}.{csv|jsonl|parquet|arrow}` streams complete lists, with filters in the query
//! string. Without a file extension the `Accept` header selects the format.
//! `/export/datapackage.json` describes the CSV files, and `/export/event/{id}.zip` has all records
//! of an event.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use futures::StreamExt;
use futures::stream;
use tokio_stream::wrappers::ReceiverStream;

use super::pinned::{self, Pinned};
use super::state::AppState;
use super::{accept, authenticate, error};
use crate::export::{self, ExportError, ExportFile, ExportOptions, FILES, Format, PACKAGE, names};
use hotwash_graphql::ViewerScope;
use hotwash_graphql::error::{AWAY, Code};

/// Streams an export, or describes all of them.
pub async fn export(
    request: HttpRequest,
    state: web::Data<AppState>,
    file: web::Path<String>,
) -> HttpResponse {
    authenticated(&request, &state, async |seen| answer(&request, &state, seen, &file).await).await
}

/// Sends all records of an event.
pub async fn event(
    request: HttpRequest,
    state: web::Data<AppState>,
    id: web::Path<String>,
) -> HttpResponse {
    authenticated(&request, &state, async |seen| archive(&request, &state, &seen, &id).await).await
}

/// Answers a viewer's request, and notes it in the journal.
async fn authenticated(
    request: &HttpRequest,
    state: &AppState,
    answer: impl AsyncFnOnce(ViewerScope) -> Result<HttpResponse, ExportError>,
) -> HttpResponse {
    let seen = match authenticate::admit(request, state).await {
        Ok(seen) => seen,
        Err(rejection) => {
            return rejection.with_headers(error::json(rejection.code(), rejection.message()));
        }
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let response = answer(seen).await.unwrap_or_else(|error| failed(&error));
    let operation = format!("{} {}", request.method(), request.uri());
    state.journal.note(request, &viewer, &operation, response.status().as_u16().to_string(), began);
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
) -> Result<HttpResponse, ExportError> {
    let (filters, keeps_formulas) = parameters(request.query_string())?;
    let pinned = pinned_by(request, state)?;
    if file == PACKAGE {
        let options = ExportOptions { format: Format::Csv, keeps_formulas };
        let files: Vec<&ExportFile> = FILES.iter().collect();
        return Ok(HttpResponse::Ok().json(export::describe(&files, options)));
    }
    let (name, format) = match file.rsplit_once('.') {
        Some((name, ending)) => (name, Format::of_ending(ending)),
        None => (file, negotiated(request)),
    };
    let format = format.ok_or_else(|| ExportError::UnknownFormat(names().join(", ")))?;
    let options = ExportOptions { format, keeps_formulas };
    let planned = export::plan(export::find(name)?, &filters, options, &seen)?;
    planned.check_codes(&state.pool.shared_by(&seen.viewer)).await?;
    let pieces = if request.method() == Method::HEAD {
        stream::empty().boxed()
    } else {
        let pieces = match pinned.named() {
            Some(snapshot) => export::run_at(&state.read_url, planned, snapshot).await?,
            None => export::run(&state.read_url, planned, None).await?,
        };
        ReceiverStream::new(pieces).boxed()
    };
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header(attachment(name, format.ending()))
        .insert_header(("vary", "accept"))
        .streaming(pieces))
}

async fn archive(
    request: &HttpRequest,
    state: &AppState,
    seen: &ViewerScope,
    id: &str,
) -> Result<HttpResponse, ExportError> {
    let (parameters, keeps_formulas) = parameters(request.query_string())?;
    let mut format = Format::Csv;
    for (name, value) in parameters {
        let found = Format::of_ending(&value).filter(|_| name == "format");
        format = found.ok_or_else(|| {
            ExportError::Filter(format!(
                "{name}={value}: an event's archive takes format=csv, jsonl, parquet or arrow, and \
                 keepFormulas=true"
            ))
        })?;
    }
    let options = ExportOptions { format, keeps_formulas };
    let pinned = pinned_by(request, state)?;
    let archive = export::event_archive(&state.read_url, id, options, seen, pinned.named()).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(attachment(&format!("event-{}", archive.key), "zip"))
        .body(archive.bytes))
}

fn pinned_by(request: &HttpRequest, state: &AppState) -> Result<Pinned, ExportError> {
    Pinned::of(request, &state.store).map_err(|(code, message)| ExportError::Coded(code, message))
}

fn attachment(name: &str, ending: &str) -> (&'static str, String) {
    ("content-disposition", format!("attachment; filename=\"{name}.{ending}\""))
}

/// Reads the parameters of the URL: the filters, and whether CSV keeps texts that are formulas. The
/// snapshot is neither.
///
/// # Errors
/// Fails for a malformed query string, or another value than `true` or `false`.
pub fn parameters(query: &str) -> Result<(Vec<(String, String)>, bool), ExportError> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|error| ExportError::Filter(error.to_string()))?;
    let mut keeps_formulas = false;
    let mut filters = Vec::new();
    for (name, value) in pairs.into_inner() {
        if name == "keepFormulas" {
            keeps_formulas = value.parse().map_err(|_| {
                ExportError::Filter(format!(
                    "keepFormulas={value}: write keepFormulas=true or keepFormulas=false"
                ))
            })?;
        } else if name != pinned::PARAMETER {
            filters.push((name, value));
        }
    }
    Ok((filters, keeps_formulas))
}

fn failed(error: &ExportError) -> HttpResponse {
    match error {
        ExportError::Database(cause) if cause.is_away() => {
            tracing::warn!(error = %cause, "an export was not begun");
            error::json(Code::Unavailable, AWAY)
        }
        ExportError::Database(_) | ExportError::Write(_) => {
            tracing::error!(%error, "an export failed");
            let message = "the database could not answer; see the server's log for the reason";
            error::json(Code::Unavailable, message)
        }
        cause => error::json(cause.code(), cause.to_string()),
    }
}
