//! The report's pages over HTTP.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::State;
use super::door::{self, Refused};
use crate::graphql::Seen;
use crate::report::{self, Asked, Context, Links, Page, STYLE, Section};

/// `/assets/report.css`.
pub async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("cache-control", "max-age=300"))
        .body(STYLE)
}

/// Any page of the report.
pub async fn page(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let seen = match door::enter(&request, &state).await {
        Ok(seen) => seen,
        Err(Refused::Unauthenticated(_)) => {
            return HttpResponse::SeeOther().insert_header(("location", "/sign-in")).finish();
        }
        Err(refused) => return refused.turn_away(HttpResponse::build(refused.status()).body(refused.said())),
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let response = answer(&state, seen, request.path(), request.query_string()).await;
    let asked = format!("GET {}", request.uri());
    state.journal.note(&request, &viewer, &asked, response.status().as_u16().to_string(), began);
    response
}

async fn answer(state: &State, seen: Seen, path: &str, query: &str) -> HttpResponse {
    let snapshot = state.store.pin();
    let (asked, fault) = match Asked::read(query) {
        Ok(asked) => (asked, None),
        Err(said) => (Asked::default(), Some(said)),
    };
    let event = match path.strip_prefix("/events/").and_then(|id| id.parse::<i64>().ok()) {
        Some(id) => event(state, seen.clone(), id).await,
        None => Ok(None),
    };
    let status = state.store.status();
    let path = path.to_owned();
    let made = tokio::task::spawn_blocking(move || {
        let context = Context { snapshot: Arc::as_ref(&snapshot), viewer: &seen.viewer, asked };
        let mut frame = context.frame();
        if let Some(since) = status.unreachable_since {
            frame.banner = format!(
                "The database cannot be reached since {}. These figures are of the last snapshot, read at {}.",
                since.format("%Y-%m-%d %H:%M UTC"),
                status.read_at.format("%Y-%m-%d %H:%M UTC")
            );
        }
        if let Some(said) = fault {
            frame.banner = said;
            return (
                StatusCode::BAD_REQUEST,
                report::render(
                    &message("This period cannot be shown", "Correct the days above, or read all."),
                    &frame,
                    Links::Server,
                ),
            );
        }
        let found = match event {
            Ok(Some(page)) => Ok(Some(page)),
            Ok(None) => report::find(&path, &context),
            Err(said) => {
                frame.banner = said;
                Ok(None)
            }
        };
        match found {
            Ok(Some(page)) => (StatusCode::OK, report::render(&page, &frame, Links::Server)),
            Ok(None) => (StatusCode::NOT_FOUND, report::render(&unknown(&path, &context), &frame, Links::Server)),
            Err(error) => {
                frame.banner = error.to_string();
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    report::render(
                        &message("This page could not be computed", "The fault is ours; the other pages stand."),
                        &frame,
                        Links::Server,
                    ),
                )
            }
        }
    });
    match made.await {
        Ok((status, html)) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "a page broke");
            HttpResponse::InternalServerError()
                .body("this page could not be made; the fault is ours and stands in the server's log")
        }
    }
}

fn message(title: &str, said: &str) -> Page {
    Page { path: "/".into(), title: title.into(), question: said.into(), sections: Vec::new() }
}

fn unknown(path: &str, context: &Context<'_>) -> Page {
    let codes: Vec<String> =
        context.snapshot.regions.values().filter(|region| region.id > 0).map(|region| region.code.clone()).collect();
    let hint = if path.starts_with("/regions") {
        format!("The regions are {}.", codes.join(", "))
    } else if path.starts_with("/capabilities") {
        "Capabilities are named by framework and code, as /capabilities/PHEP/6; the page Capabilities lists them."
            .into()
    } else if path.starts_with("/metrics") {
        "The page Metrics lists all metrics.".into()
    } else if path.starts_with("/events") {
        "No event has this number, or its detail is not open to you.".into()
    } else {
        "The pages are named above.".into()
    };
    Page {
        path: path.into(),
        title: "There is no such page".into(),
        question: format!("Nothing stands at {path}."),
        sections: vec![Section::Text(hint)],
    }
}

/// The page of an event that the reader may see, from the API's own answer.
async fn event(state: &State, seen: Seen, id: i64) -> Result<Option<Page>, String> {
    let asked = async_graphql::Request::new(report::event_query(id)).data(state.pool.clone()).data(seen);
    let answer = state.guard.schema().execute(asked).await;
    match answer.errors.first() {
        None => answer.data.into_json().map(|json| report::event(id, &json["node"])).map_err(|error| error.to_string()),
        // Who sees aggregates only is told as of an event that is not there.
        Some(error)
            if error.extensions.as_ref().is_some_and(|known| known.get("code") == Some(&"FORBIDDEN".into())) =>
        {
            Ok(None)
        }
        Some(error) => Err(error.message.clone()),
    }
}
