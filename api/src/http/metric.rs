//! `/metrics/{id}` as data: JSON, CSV, Arrow or Parquet, selected by the `Accept` header or a file
//! extension.

use std::sync::Arc;

use actix_web::guard::GuardContext;
use actix_web::{HttpRequest, HttpResponse, web};
use hotwash_graphql::error::Code;
use hotwash_metrics::{MetricError, MetricQuery, MetricResult, MetricRow, evaluate};
use serde_json::{Value, json};

use super::export::{negotiated, parameters};
use super::pinned::Pinned;
use super::state::AppState;
use super::{accept, authenticate, error};
use crate::export::{ExportOptions, Format, metric};

const JSON: &str = "application/json";

/// Output format of the numbers.
#[derive(Clone, Copy)]
enum Written {
    Json,
    File(Format),
}

/// Returns whether a request wants numbers rather than the page.
pub fn wants_numbers(context: &GuardContext<'_>) -> bool {
    let mut offered = vec!["text/html", JSON];
    offered.extend(
        Format::ALL.map(|format| format.media_type().split(';').next().unwrap_or_default()),
    );
    !matches!(accept::best(context.head().headers(), &offered), None | Some("text/html"))
}

/// `GET /metrics/{id}` for clients that accept a data format.
pub async fn negotiate(
    request: HttpRequest,
    state: web::Data<AppState>,
    id: web::Path<String>,
) -> HttpResponse {
    let mut offered = vec![JSON];
    offered.extend(
        Format::ALL.map(|format| format.media_type().split(';').next().unwrap_or_default()),
    );
    let written = match accept::best(request.headers(), &offered) {
        Some(JSON) | None => Written::Json,
        Some(_) => negotiated(&request).map_or(Written::Json, Written::File),
    };
    answer(&request, &state, &id, written).await
}

/// `GET /metrics/{id}.{ending}`.
pub async fn file(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (id, ending) = path.into_inner();
    let written = if ending == "json" {
        Some(Written::Json)
    } else {
        Format::of_ending(&ending).map(Written::File)
    };
    match written {
        Some(written) => answer(&request, &state, &id, written).await,
        None => error::json(
            Code::NotFound,
            format!("there is no ending {ending}; there are json, csv, jsonl, parquet and arrow"),
        ),
    }
}

async fn answer(
    request: &HttpRequest,
    state: &AppState,
    id: &str,
    written: Written,
) -> HttpResponse {
    let seen = match authenticate::admit(request, state).await {
        Ok(seen) => seen,
        Err(rejection) => {
            return rejection.with_headers(error::json(rejection.code(), rejection.message()));
        }
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let asked = metric_query(request.query_string())
        .map_err(|message| (Code::BadUserInput, message))
        .and_then(|query| Ok((query, Pinned::of(request, &state.store)?)));
    let response = match asked {
        Ok(((metric_query, keeps_formulas), Pinned { snapshot, .. })) => {
            let id = id.to_owned();
            let computed = tokio::task::spawn_blocking(move || {
                evaluate(Arc::as_ref(&snapshot), &id, &metric_query, &seen.viewer)
            })
            .await;
            match computed {
                Ok(Ok(result)) => write(&result, written, keeps_formulas),
                Ok(Err(MetricError::Internal(cause))) => broken(&cause),
                Ok(Err(cause)) => error::json(Code::of_metric(&cause), cause.to_string()),
                Err(cause) => broken(&cause),
            }
        }
        Err((code, message)) => error::json(code, message),
    };
    let operation = format!("GET {}", request.uri());
    state.journal.note(request, &viewer, &operation, response.status().as_u16().to_string(), began);
    response
}

fn broken(cause: &dyn std::fmt::Display) -> HttpResponse {
    tracing::error!(%cause, "a metric broke");
    error::json(Code::Internal, "internal error; see the server's log")
}

fn write(result: &MetricResult, written: Written, keeps_formulas: bool) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header(("vary", "accept"))
        .insert_header(("hotwash-snapshot-version", result.snapshot_version.to_string()))
        .insert_header(("hotwash-as-of", result.as_of.to_string()));
    let format = match written {
        Written::Json => {
            let rows: Vec<Value> = result.rows.iter().map(MetricRow::to_json).collect();
            return response.json(json!({
                "definition": result.definition, "snapshotVersion": result.snapshot_version,
                "asOf": result.as_of.to_string(), "rows": rows,
            }));
        }
        Written::File(format) => format,
    };
    match metric::encode(&result.rows, ExportOptions { format, keeps_formulas }) {
        Ok(bytes) => {
            let name =
                format!("attachment; filename=\"{}.{}\"", result.definition.id, format.ending());
            response
                .content_type(format.media_type())
                .insert_header(("content-disposition", name))
                .body(bytes)
        }
        Err(error) => broken(&error),
    }
}

/// Parses a query string into a metric query ([`MetricQuery::take`]), and whether CSV keeps texts
/// that are formulas.
fn metric_query(query: &str) -> Result<(MetricQuery, bool), String> {
    let (pairs, keeps_formulas) = parameters(query).map_err(|error| error.to_string())?;
    let mut metric_query = MetricQuery::default();
    for (name, value) in pairs {
        metric_query.take(&name, &value).map_err(|error| error.to_string())?;
    }
    Ok((metric_query, keeps_formulas))
}
