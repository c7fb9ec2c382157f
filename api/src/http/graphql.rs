//! GraphQL over HTTP: POST and GET, the two media types, batches and limits.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{BatchRequest, Request, ServerError, Value};
use futures::future::join_all;
use serde_json::{Map, Value as Json};

use super::answer_cache::AnswerQuery;
use super::event_stream::EVENT_STREAM;
use super::outcome::{ended, in_time};
use super::pinned::Pinned;
use super::rejection::Rejection;
use super::request_members::well_formed;
use super::state::AppState;
use super::{accept, authenticate, error, event_stream};
use hotwash_graphql::error::Code;
use hotwash_graphql::{Charge, ExecutionResult, JsonError, ViewerScope, read_json, write_batch};

const RESPONSE_JSON: &str = "application/graphql-response+json";

/// `POST /graphql`.
pub async fn post(
    request: HttpRequest,
    state: web::Data<AppState>,
    body: Result<web::Bytes, actix_web::Error>,
) -> HttpResponse {
    let Some(media_type) = media_type(&request) else { return not_acceptable() };
    match posted(&request, &state, body) {
        Ok(batch) => run(&request, &state, batch, media_type).await,
        Err((code, message)) => error::graphql(of_errors(media_type), code, &message),
    }
}

/// Reads the body of a POST.
fn posted(
    request: &HttpRequest,
    state: &AppState,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<BatchRequest, (Code, String)> {
    let body = body.map_err(|_| {
        let most = state.options.max_body_bytes;
        (Code::BodyTooLarge, format!("the request body is larger than {most} bytes"))
    })?;
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let message = "send the query as JSON: content-type application/json and a body such as \
            {\"query\": \"{ regions { code } }\"}";
        return Err((Code::UnsupportedMediaType, message.into()));
    }
    batch_of(read_json(&body).map_err(|error| unreadable("the body", &error))?)
}

/// Reads a request, or several, from JSON.
fn batch_of(mut value: Json) -> Result<BatchRequest, (Code, String)> {
    well_formed(&mut value).map_err(|fault| (Code::BadUserInput, fault.to_string()))?;
    serde_json::from_value(value).map_err(|error| {
        (Code::BadUserInput, format!("the request is not one of GraphQL: {error}"))
    })
}

/// `GET /graphql?query=…`.
pub async fn get(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let Some(media_type) = media_type(&request) else { return not_acceptable() };
    match queried(request.query_string()) {
        Ok(batch) => run(&request, &state, batch, media_type).await,
        Err((code, message)) => error::graphql(of_errors(media_type), code, &message),
    }
}

/// Reads the parameters of a GET. Only these two are JSON.
fn queried(parameters: &str) -> Result<BatchRequest, (Code, String)> {
    let given = web::Query::<HashMap<String, String>>::from_query(parameters);
    let given = given.map_err(|error| (Code::BadUserInput, error.to_string()))?.into_inner();
    let mut members = Map::new();
    for (name, text) in given.into_iter().filter(|(_, text)| !text.is_empty()) {
        let member = match name.as_str() {
            "variables" | "extensions" => {
                read_json(text.as_bytes()).map_err(|error| unreadable(&name, &error))?
            }
            _ => Json::String(text),
        };
        members.insert(name, member);
    }
    if !["query", "documentId", "extensions"].iter().any(|name| members.contains_key(*name)) {
        let message =
            "give the query as ?query={…}, or POST it as JSON; `hotwash schema` prints the schema";
        return Err((Code::BadUserInput, message.into()));
    }
    batch_of(Json::Object(members))
}

async fn run(
    request: &HttpRequest,
    state: &web::Data<AppState>,
    batch: BatchRequest,
    media_type: &'static str,
) -> HttpResponse {
    if media_type == EVENT_STREAM {
        return match batch {
            BatchRequest::Single(one) => event_stream::answer(request, state, one).await,
            BatchRequest::Batch(_) => {
                let message = "an event stream runs one operation; send each in its own request";
                error::graphql(RESPONSE_JSON, Code::BadUserInput, message)
            }
        };
    }
    let seen = match authenticate::admit(request, state).await {
        Ok(seen) => seen,
        Err(rejection) => return rejection.graphql(media_type),
    };
    let pinned = match Pinned::of(request, &state.store) {
        Ok(pinned) => pinned,
        Err((code, message)) => return error::graphql(media_type, code, &message),
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let (operation, response) = match batch {
        BatchRequest::Single(mut one) => {
            let named = state.guard.name_document(&mut one);
            let operation = one.query.clone();
            let response = match named {
                Ok(()) => single(state, one, pinned, seen, media_type).await,
                Err(error) => rejected(vec![error], media_type),
            };
            (operation, response)
        }
        BatchRequest::Batch(list) => {
            let operation =
                list.iter().map(|one| one.query.as_str()).collect::<Vec<_>>().join(" ; ");
            (operation, several(state, list, pinned, seen, media_type).await)
        }
    };
    state.journal.note(request, &viewer, &operation, response.ended, began);
    response.http
}

/// Results of an HTTP request.
enum Results {
    Single(ExecutionResult),
    Batch(Vec<ExecutionResult>),
}

/// Response, and its outcome for the access log.
struct Answered {
    http: HttpResponse,
    ended: String,
}

impl Answered {
    fn rejected(media_type: &'static str, code: Code, message: &str) -> Self {
        Self { http: error::graphql(media_type, code, message), ended: code.graphql().into() }
    }
}

/// Answers one request from the cache, or runs it.
async fn single(
    state: &AppState,
    one: Request,
    pinned: Pinned,
    seen: ViewerScope,
    media_type: &'static str,
) -> Answered {
    let viewer = seen.viewer.clone();
    let generation = state.store.generation(&pinned.snapshot);
    // An answer in the cache may have read newer records than its snapshot.
    let is_cached = state.answers.is_on() && !pinned.is_named;
    let query = AnswerQuery::document(&one, &viewer, media_type).filter(|_| is_cached);
    let complete = |body: &[u8], charge: Charge| Answered {
        http: answer(
            StatusCode::OK,
            media_type,
            with_cost(body, &state.guard.cost_extension(charge)),
        ),
        ended: "OK".into(),
    };
    let cached = query.as_ref().and_then(|query| state.answers.get(generation, query));
    if let Some((body, cost)) = cached {
        state.guard.persist(&one);
        return match state.guard.charge(&viewer, cost) {
            Ok(charge) => complete(&body, charge),
            Err(error) => rejected(vec![error], media_type),
        };
    }
    // One request sees one snapshot.
    let mut one = state.with_request_data(one, &pinned, &seen);
    let charge = match state.guard.admit(&mut one, &viewer) {
        Ok(charge) => charge,
        Err(errors) => return rejected(errors, media_type),
    };
    let result = match in_time(state, state.guard.run(one)).await {
        Ok(result) if result.errors.is_empty() => result,
        Ok(result) => {
            let result = result.extension("cost", state.guard.cost_extension(charge));
            return written(&Results::Single(result), media_type);
        }
        Err(late) => return rejected(vec![late], media_type),
    };
    match result.write() {
        Ok(body) => {
            let body = web::Bytes::from(body);
            if let Some(query) = query {
                state.answers.insert(generation, query, &body, charge.cost);
            }
            complete(&body, charge)
        }
        Err(error) => Answered::rejected(media_type, Code::Internal, &error.to_string()),
    }
}

/// Runs a batch; each query counts against the rate limit and the budget.
async fn several(
    state: &AppState,
    list: Vec<Request>,
    pinned: Pinned,
    seen: ViewerScope,
    media_type: &'static str,
) -> Answered {
    let most = state.options.max_batch;
    if list.is_empty() || list.len() > most {
        let message = format!("a batch holds 1 to {most} queries; this one holds {}", list.len());
        return Answered::rejected(media_type, Code::QueryTooComplex, &message);
    }
    if let Err(rejection) = state.authenticator.check_rate(&seen.viewer, list.len() - 1) {
        return Answered {
            http: rejection.graphql(media_type),
            ended: rejection.code().graphql().into(),
        };
    }
    let viewer = seen.viewer.clone();
    let data = |one: Request| state.with_request_data(one, &pinned, &seen);
    let all = join_all(list.into_iter().map(|one| state.guard.execute(data(one), &viewer)));
    match in_time(state, all).await {
        Ok(all) => written(&Results::Batch(all), media_type),
        Err(late) => rejected(vec![late], media_type),
    }
}

/// Adds the cost to a response body. Cached bodies lack it, because the remaining budget changes.
fn with_cost(body: &[u8], cost: &Value) -> web::Bytes {
    let mut complete = body.strip_suffix(b"}").unwrap_or(body).to_vec();
    complete.extend_from_slice(
        format!(",\"extensions\":{{\"cost\":{cost_json}}}}}", cost_json = json_of(cost)).as_bytes(),
    );
    complete.into()
}

fn json_of(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

/// Builds the response to a request that did not run.
fn rejected(errors: Vec<ServerError>, media_type: &'static str) -> Answered {
    written(&Results::Single(ExecutionResult::from_errors(errors)), media_type)
}

/// Builds the response in its media type. A request rejected before it ran has no `data` member;
/// clients that accept the newer media type also get an error status.
fn written(results: &Results, media_type: &'static str) -> Answered {
    let ended = match results {
        Results::Single(one) => ended(one.errors.iter()),
        Results::Batch(list) => ended(list.iter().flat_map(|one| &one.errors)),
    };
    let (status, wait, body) = match results {
        Results::Single(one) if one.is_rejected() => {
            let wait = one.errors.first().and_then(|error| {
                match error.extensions.as_ref()?.get("retryAfter") {
                    Some(Value::Number(seconds)) => seconds.as_u64(),
                    _ => None,
                }
            });
            let status = match wait {
                Some(_) => error::status(Code::RateLimited),
                None if media_type != RESPONSE_JSON => StatusCode::OK,
                None => error::status(Code::named(&ended).unwrap_or(Code::BadUserInput)),
            };
            (status, wait, serde_json::to_vec(&serde_json::json!({ "errors": one.errors })))
        }
        Results::Single(one) => (StatusCode::OK, None, one.write()),
        Results::Batch(list) => (StatusCode::OK, None, write_batch(list)),
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            return Answered::rejected(media_type, Code::Internal, &error.to_string());
        }
    };
    let http = answer(status, media_type, body.into());
    let http = match wait {
        Some(seconds) => Rejection::TooMany(seconds).with_headers(http),
        None => http,
    };
    Answered { http, ended }
}

fn answer(status: StatusCode, media_type: &str, body: web::Bytes) -> HttpResponse {
    HttpResponse::build(status).content_type(format!("{media_type}; charset=utf-8")).body(body)
}

/// Media type that the client prefers; `application/json` without a preference.
fn media_type(request: &HttpRequest) -> Option<&'static str> {
    accept::best(request.headers(), &["application/json", RESPONSE_JSON, EVENT_STREAM])
}

/// Media type of an answer to a request that cannot be read.
fn of_errors(media_type: &'static str) -> &'static str {
    if media_type == EVENT_STREAM { RESPONSE_JSON } else { media_type }
}

fn not_acceptable() -> HttpResponse {
    let message = "answers come as application/graphql-response+json, application/json or \
        text/event-stream";
    error::graphql("application/json", Code::NotAcceptable, message)
}

/// Returns code and message for unreadable JSON.
fn unreadable(what: &str, error: &JsonError) -> (Code, String) {
    match error {
        JsonError::TooDeep(_) => (Code::QueryTooComplex, format!("{what}: {error}")),
        JsonError::Malformed(_) => (Code::BadUserInput, format!("{what} is not JSON: {error}")),
    }
}
