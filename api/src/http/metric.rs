//! `/metrics/{id}` as data: the address of a metric's page gives its numbers as JSON, CSV, Arrow or Parquet to whoever asks
//! for them by `Accept` or by an ending.

use std::sync::Arc;

use actix_web::guard::GuardContext;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use hotwash_metrics::{Ask, Dimension, MetricError, MetricResult, Row, evaluate};
use serde_json::{Value, json};

use super::export::{negotiated, refuse};
use super::{State, accept, door};
use crate::export::{Format, metric};
use crate::graphql::{JsonError, read_json};

const JSON: &str = "application/json";

/// How the numbers are written.
#[derive(Clone, Copy)]
enum Written {
    Json,
    File(Format),
}

/// Whether a request wants numbers rather than the page.
pub fn wants_numbers(context: &GuardContext<'_>) -> bool {
    let mut offered = vec!["text/html", JSON];
    offered.extend(Format::ALL.map(|format| format.media().split(';').next().unwrap_or_default()));
    !matches!(accept::best(context.head().headers(), &offered), None | Some("text/html"))
}

/// Whether a file is asked for by a question of its own; `.csv` alone is the page's own table, with the page's choices.
pub fn asks(context: &GuardContext<'_>) -> bool {
    let uri = &context.head().uri;
    let own = ["groupBy=", "group_by=", "period=", "asOf="];
    !uri.path().ends_with(".csv") || uri.query().is_some_and(|query| own.iter().any(|name| query.contains(name)))
}

/// `GET /metrics/{id}` for who wants numbers.
pub async fn negotiate(request: HttpRequest, state: web::Data<State>, id: web::Path<String>) -> HttpResponse {
    let mut offered = vec![JSON];
    offered.extend(Format::ALL.map(|format| format.media().split(';').next().unwrap_or_default()));
    let written = match accept::best(request.headers(), &offered) {
        Some(JSON) | None => Written::Json,
        Some(_) => negotiated(&request).map_or(Written::Json, Written::File),
    };
    answer(&request, &state, &id, written).await
}

/// `GET /metrics/{id}.{ending}`.
pub async fn file(request: HttpRequest, state: web::Data<State>, path: web::Path<(String, String)>) -> HttpResponse {
    let (id, ending) = path.into_inner();
    let written = if ending == "json" { Some(Written::Json) } else { Format::of_ending(&ending).map(Written::File) };
    match written {
        Some(written) => answer(&request, &state, &id, written).await,
        None => refuse(
            StatusCode::NOT_FOUND,
            format!("there is no ending {ending}; there are json, csv, jsonl, parquet and arrow"),
        ),
    }
}

async fn answer(request: &HttpRequest, state: &State, id: &str, written: Written) -> HttpResponse {
    let seen = match door::enter(request, state).await {
        Ok(seen) => seen,
        Err(refused) => return refused.turn_away(refuse(refused.status(), refused.said())),
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let response = match ask(request.query_string()) {
        Ok(ask) => {
            let (snapshot, id) = (state.store.pin(), id.to_owned());
            let computed =
                tokio::task::spawn_blocking(move || evaluate(Arc::as_ref(&snapshot), &id, &ask, &seen.viewer)).await;
            match computed {
                Ok(Ok(result)) => write(&result, written),
                Ok(Err(error @ MetricError::UnknownMetric { .. })) => refuse(StatusCode::NOT_FOUND, error.to_string()),
                Ok(Err(error @ MetricError::TooFine { .. })) => refuse(StatusCode::FORBIDDEN, error.to_string()),
                Ok(Err(MetricError::Engine(said))) => refuse(StatusCode::SERVICE_UNAVAILABLE, said),
                Ok(Err(MetricError::Internal(cause))) => broken(&cause),
                Ok(Err(error)) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
                Err(error) => broken(&error),
            }
        }
        Err(said) => refuse(StatusCode::BAD_REQUEST, said),
    };
    let asked = format!("GET {}", request.uri());
    state.journal.note(request, &viewer, &asked, response.status().as_u16().to_string(), began);
    response
}

fn broken(cause: &dyn std::fmt::Display) -> HttpResponse {
    tracing::error!(%cause, "a metric broke");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, "the fault is ours; it stands in the server's log")
}

fn write(result: &MetricResult, written: Written) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header(("vary", "accept"))
        .insert_header(("hotwash-snapshot-version", result.snapshot_version.to_string()))
        .insert_header(("hotwash-as-of", result.as_of.to_string()));
    let format = match written {
        Written::Json => {
            let rows: Vec<Value> = result.rows.iter().map(Row::to_json).collect();
            return response.json(json!({
                "definition": result.definition, "snapshotVersion": result.snapshot_version,
                "asOf": result.as_of.to_string(), "rows": rows,
            }));
        }
        Written::File(format) => format,
    };
    match metric::encode(&result.rows, format) {
        Ok(bytes) => {
            let name = format!("attachment; filename=\"{}.{}\"", result.definition.id, format.ending());
            response.content_type(format.media()).insert_header(("content-disposition", name)).body(bytes)
        }
        Err(error) => broken(&error),
    }
}

/// The question in a query: `groupBy=REGION,HAZARD`, `period=YEAR`, `from`, `to`, `asOf`, a dimension with its values
/// (`region=3,4C`), and whatever else is a parameter of the metric.
fn ask(query: &str) -> Result<Ask, String> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map_err(|error| error.to_string())?;
    let mut ask = Ask::default();
    let day = |name: &str, text: &str| {
        text.parse::<chrono::NaiveDate>().map_err(|_| format!("{name}: {text} must be a day such as 2026-06-30"))
    };
    let listed = |text: &str| text.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>();
    for (name, value) in pairs.into_inner() {
        if value.is_empty() && name != "groupBy" && name != "group_by" {
            continue;
        }
        match name.as_str() {
            "groupBy" | "group_by" => {
                let names = listed(&value);
                let named = names.iter().filter(|name| !name.is_empty());
                let dimensions = named.map(|name| name.parse()).collect::<Result<_, MetricError>>();
                ask.group_by = Some(dimensions.map_err(|error| error.to_string())?);
            }
            "period" => ask.period = Some(value.parse().map_err(|error: MetricError| error.to_string())?),
            "from" => ask.from = Some(day(&name, &value)?),
            "to" => ask.to = Some(day(&name, &value)?),
            "asOf" | "as_of" => ask.as_of = day(&name, &value)?,
            other => match other.parse::<Dimension>() {
                Ok(dimension) => ask.filter.entry(dimension).or_default().extend(listed(&value)),
                Err(_) => {
                    let value = match read_json(value.as_bytes()) {
                        Err(error @ JsonError::TooDeep(_)) => return Err(format!("{name}: {error}")),
                        read => read.unwrap_or(Value::String(value)),
                    };
                    ask.parameters.insert(name, value);
                }
            },
        }
    }
    Ok(ask)
}
