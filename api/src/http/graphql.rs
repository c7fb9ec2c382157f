//! GraphQL over HTTP: POST and GET, the two media types, batches, limits, and the WebSocket.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{BatchRequest, BatchResponse, Data, Request, Response, ServerError};

use super::door::{self, Refused};
use super::{State, accept};
use crate::graphql::{self, error::Code};

const RESPONSE_JSON: &str = "application/graphql-response+json";

/// `POST /graphql`.
pub async fn post(
    request: HttpRequest,
    state: web::Data<State>,
    body: Result<web::Bytes, actix_web::Error>,
) -> HttpResponse {
    let media = media(&request);
    let Some(media) = media else { return not_acceptable() };
    let body = match body {
        Ok(body) => body,
        Err(_) => {
            let most = state.options.max_body_bytes;
            return refuse(
                media,
                StatusCode::PAYLOAD_TOO_LARGE,
                Code::QueryTooComplex,
                &format!("the request body is larger than {most} bytes"),
            );
        }
    };
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let said = "send the query as JSON: content-type application/json and a body such as {\"query\": \"{ regions { code } }\"}";
        return refuse(media, StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadUserInput, said);
    }
    let parsed: Result<serde_json::Value, _> = serde_json::from_slice(&body);
    let value = match parsed {
        Ok(value) => value,
        Err(error) => {
            return refuse(
                media,
                StatusCode::BAD_REQUEST,
                Code::BadUserInput,
                &format!("the body is no JSON: {error}"),
            );
        }
    };
    if let Err(said) = well_formed(&value) {
        return refuse(media, StatusCode::BAD_REQUEST, Code::BadUserInput, said);
    }
    match serde_json::from_value::<BatchRequest>(value) {
        Ok(batch) => run(&request, &state, batch, media).await,
        Err(error) => refuse(
            media,
            StatusCode::BAD_REQUEST,
            Code::BadUserInput,
            &format!("the body is no GraphQL request: {error}"),
        ),
    }
}

/// What the specification asks of a request's members.
fn well_formed(value: &serde_json::Value) -> Result<(), &'static str> {
    use serde_json::Value;
    let one = |value: &Value| {
        let Value::Object(fields) = value else { return Err("a request must be an object with the member query") };
        if !matches!(fields.get("query"), Some(Value::String(_))) {
            return Err("the member query must be a string with the document");
        }
        if !matches!(fields.get("operationName"), None | Some(Value::Null | Value::String(_))) {
            return Err("the member operationName must be a string");
        }
        if !matches!(fields.get("variables"), None | Some(Value::Null | Value::Object(_))) {
            return Err("the member variables must be an object");
        }
        if !matches!(fields.get("extensions"), None | Some(Value::Null | Value::Object(_))) {
            return Err("the member extensions must be an object");
        }
        Ok(())
    };
    match value {
        Value::Array(list) => list.iter().try_for_each(one),
        other => one(other),
    }
}

/// `GET /graphql?query=…`, or a WebSocket.
pub async fn get(request: HttpRequest, state: web::Data<State>, payload: web::Payload) -> HttpResponse {
    if request.headers().contains_key("upgrade") {
        return websocket(&request, &state, payload).await;
    }
    let Some(media) = media(&request) else { return not_acceptable() };
    let query = match web::Query::<std::collections::HashMap<String, String>>::from_query(request.query_string()) {
        Ok(query) => query.into_inner(),
        Err(error) => return refuse(media, StatusCode::BAD_REQUEST, Code::BadUserInput, &error.to_string()),
    };
    let Some(document) = query.get("query") else {
        let said = "give the query as ?query={…}, or POST it as JSON; `hotwash schema` prints the schema";
        return refuse(media, StatusCode::BAD_REQUEST, Code::BadUserInput, said);
    };
    let mut asked = Request::new(document);
    if let Some(name) = query.get("operationName").filter(|name| !name.is_empty()) {
        asked = asked.operation_name(name);
    }
    if let Some(variables) = query.get("variables").filter(|text| !text.is_empty()) {
        match serde_json::from_str::<serde_json::Value>(variables) {
            Ok(value) if value.is_object() => asked = asked.variables(async_graphql::Variables::from_json(value)),
            _ => return refuse(media, StatusCode::BAD_REQUEST, Code::BadUserInput, "variables must be a JSON object"),
        }
    }
    run(&request, &state, BatchRequest::Single(asked), media).await
}

async fn websocket(request: &HttpRequest, state: &web::Data<State>, payload: web::Payload) -> HttpResponse {
    let seen = match door::enter(request, state).await {
        Ok(seen) => seen,
        Err(refused) => return turned_away(RESPONSE_JSON, &refused),
    };
    let mut data = Data::default();
    data.insert(state.pool.clone());
    data.insert(std::sync::Arc::clone(&state.store));
    data.insert(state.store.pin());
    data.insert(seen);
    match async_graphql_actix_web::GraphQLSubscription::new(state.schema.clone())
        .with_data(data)
        .start(request, payload)
    {
        Ok(response) => response,
        Err(error) => error.error_response(),
    }
}

/// What is said to who may not come in.
fn turned_away(media: &'static str, refused: &Refused) -> HttpResponse {
    refused.turn_away(refuse(media, refused.status(), refused.code(), &refused.said()))
}

async fn run(request: &HttpRequest, state: &State, batch: BatchRequest, media: &'static str) -> HttpResponse {
    let seen = match door::enter(request, state).await {
        Ok(seen) => seen,
        Err(refused) => return turned_away(media, &refused),
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let asked = match &batch {
        BatchRequest::Single(one) => one.query.clone(),
        BatchRequest::Batch(list) => list.iter().map(|one| one.query.as_str()).collect::<Vec<_>>().join(" ; "),
    };
    if let BatchRequest::Batch(list) = &batch
        && (list.is_empty() || list.len() > state.options.max_batch)
    {
        let said = format!("a batch holds 1 to {} queries; this one holds {}", state.options.max_batch, list.len());
        return refuse(media, StatusCode::BAD_REQUEST, Code::QueryTooComplex, &said);
    }
    let snapshot = state.store.pin();
    let mark = snapshot.mark();
    let key = match &batch {
        BatchRequest::Single(one) => state.answers.key(one, &viewer, media),
        BatchRequest::Batch(_) => None,
    };
    if let Some(body) = key.and_then(|key| state.answers.get(&key, mark)) {
        state.journal.note(request, &viewer, &asked, "OK", began);
        return HttpResponse::Ok().content_type(format!("{media}; charset=utf-8")).body(body);
    }
    // One request sees one version.
    let batch = batch
        .data(state.pool.clone())
        .data(std::sync::Arc::clone(&state.store))
        .data(snapshot)
        .data(seen)
        .data(graphql::TakesWritten);
    let mut response = execute(state, batch).await;
    state.journal.note(request, &viewer, &asked, ended(&response), began);
    let (status, body) = match written(&mut response, media) {
        Ok(written) => written,
        Err(error) => return refuse(media, StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, &error.to_string()),
    };
    if let (Some(key), BatchResponse::Single(one)) = (key, &response)
        && one.errors.is_empty()
    {
        state.answers.keep(key, mark, &body);
    }
    HttpResponse::build(status).content_type(format!("{media}; charset=utf-8")).body(body)
}

/// Executes within the time that a request may take.
async fn execute(state: &State, batch: BatchRequest) -> BatchResponse {
    // Postgres cancels a statement that takes too long; this is for what takes long elsewhere.
    let limit = Duration::from_millis(state.options.timeout_ms + 500);
    match tokio::time::timeout(limit, async_graphql::Executor::execute_batch(&state.schema, batch)).await {
        Ok(response) => response,
        Err(_) => {
            let said = format!("the request took longer than {} ms; ask for less", state.options.timeout_ms);
            BatchResponse::Single(Response::from_errors(vec![coded(Code::Timeout, &said)]))
        }
    }
}

/// How a request ended, for the access log: the first error's code, or OK.
fn ended(response: &BatchResponse) -> String {
    let first = match response {
        BatchResponse::Single(one) => one.errors.first(),
        BatchResponse::Batch(list) => list.iter().find_map(|one| one.errors.first()),
    };
    first.map_or_else(|| "OK".into(), |error| code_of(error).unwrap_or(Code::BadUserInput.as_str().into()))
}

fn code_of(error: &ServerError) -> Option<String> {
    match error.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code.clone()),
        other => Some(other.to_string()),
    }
}

/// Status and body of an answer. Errors of the parser and the validator carry no code yet; they answer 400 to clients that know
/// the newer media type, and have no data, not even null.
fn written(response: &mut BatchResponse, media: &str) -> serde_json::Result<(StatusCode, web::Bytes)> {
    let early = matches!(response, BatchResponse::Single(one) if !one.errors.is_empty() && one.errors.iter().all(|error| code_of(error).is_none()));
    let each: Vec<&mut Response> = match response {
        BatchResponse::Single(one) => vec![one],
        BatchResponse::Batch(list) => list.iter_mut().collect(),
    };
    for error in each.into_iter().flat_map(|one| &mut one.errors).filter(|error| code_of(error).is_none()) {
        let code = early_code(&error.message).as_str();
        error.extensions.get_or_insert_default().set("code", code);
    }
    let status = if early && media == RESPONSE_JSON { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let body = match response {
        BatchResponse::Single(one) if early => serde_json::to_vec(&serde_json::json!({ "errors": one.errors })),
        BatchResponse::Single(one) => graphql::write(one),
        BatchResponse::Batch(list) => graphql::write_batch(list),
    };
    Ok((status, body?.into()))
}

/// Code of an error of the parser or the validator.
fn early_code(message: &str) -> Code {
    let limit = ["Query is nested too deep.", "Query is too complex."].contains(&message)
        || message.contains("recursion")
        || message.contains("number of directives");
    if limit { Code::QueryTooComplex } else { Code::BadUserInput }
}

fn coded(code: Code, message: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = async_graphql::ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    error.extensions = Some(extensions);
    error
}

/// The best media type that the client accepts; the older one where it does not care.
fn media(request: &HttpRequest) -> Option<&'static str> {
    accept::best(request.headers(), &["application/json", RESPONSE_JSON])
}

fn not_acceptable() -> HttpResponse {
    HttpResponse::NotAcceptable().json(serde_json::json!({
        "errors": [{ "message": "answers come as application/graphql-response+json or application/json", "extensions": { "code": "BAD_USER_INPUT" } }]
    }))
}

fn refuse(media: &'static str, status: StatusCode, code: Code, message: &str) -> HttpResponse {
    let body = serde_json::json!({ "errors": [{ "message": message, "extensions": { "code": code.as_str() } }] });
    HttpResponse::build(status).content_type(format!("{media}; charset=utf-8")).body(body.to_string())
}
