//! The report's pages over HTTP, with sign-in.

use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::door::{self, COOKIE, Refused};
use super::{State, journal};
use crate::access::LIFETIME_SECONDS;
use crate::graphql::{Seen, event_visible};
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
        Err(Refused::TooMany(seconds)) => {
            return HttpResponse::TooManyRequests().insert_header(("retry-after", seconds)).body("too many requests");
        }
        Err(Refused::Unavailable) => {
            return HttpResponse::ServiceUnavailable()
                .body("the database cannot be reached, so no key can be checked; try again soon");
        }
    };
    let began = std::time::Instant::now();
    let (path, query) = (request.path().to_owned(), request.query_string().to_owned());
    let (viewer, role) = (seen.viewer.name.clone(), seen.viewer.role.as_str());
    let response = answer(&state, seen, &path, &query).await;
    state.journal.note(journal::Entry {
        request: request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned(),
        viewer,
        role,
        operation: journal::shortened(&format!("GET {path}?{query}")),
        status: response.status().as_u16().to_string(),
        seconds: began.elapsed().as_secs_f64(),
    });
    response
}

async fn answer(state: &State, seen: Seen, path: &str, query: &str) -> HttpResponse {
    let snapshot = state.store.pin();
    let (asked, fault) = match Asked::read(query) {
        Ok(asked) => (asked, None),
        Err(said) => (Asked::default(), Some(said)),
    };
    let event = match path.strip_prefix("/events/").and_then(|id| id.parse::<i64>().ok()) {
        Some(id) => event(state, &seen, id).await,
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

/// The page of an event that the reader may see.
async fn event(state: &State, seen: &Seen, id: i64) -> Result<Option<Page>, String> {
    let Some(visible) = event_visible(seen, "e") else { return Ok(None) };
    let sql = format!(
        "select json_build_object('event', json_build_object('name', e.name, 'kind', e.kind, 'hazard', h.name, 'narrative', e.narrative, \
             'start', to_char(e.start_at at time zone 'America/New_York', 'YYYY-MM-DD HH24:MI'), 'end', to_char(e.end_at at time zone 'America/New_York', 'YYYY-MM-DD HH24:MI'), \
             'regions', (select string_agg(r.code, ', ' order by r.code) from warehouse.event_region k join warehouse.region r using (region_id) where k.event_id = e.event_id), \
             'file', f.name, 'row', e.source_row, 'batch', e.batch_id, 'source', e.source), \
         'milestones', (select coalesce(json_agg(json_build_object('name', y.name, 'at', to_char(m.occurred_at at time zone 'America/New_York', case when m.time_precision = 'day' then 'YYYY-MM-DD' else 'YYYY-MM-DD HH24:MI' end)) order by m.occurred_at), '[]') \
             from warehouse.milestone m join warehouse.milestone_type y using (milestone_type_id) where m.event_id = e.event_id), \
         'ratings', (select coalesce(json_agg(json_build_object('capability', c.name, 'rating', r.rating, 'subject', r.subject) order by c.sort_order), '[]') \
             from warehouse.capability_rating r join warehouse.capability c using (capability_id) where r.event_id = e.event_id), \
         'findings', (select coalesce(json_agg(json_build_object('kind', lower(replace(n.kind, '_', ' ')), 'capability', c.name, 'text', n.text, 'analysis', n.analysis) order by n.kind, n.finding_id), '[]') \
             from warehouse.finding n join warehouse.capability c using (capability_id) where n.event_id = e.event_id), \
         'actions', (select coalesce(json_agg(json_build_object('text', a.text, 'owner', o.name, 'status', lower(replace(a.status, '_', ' ')), 'due', a.due_current_on, 'completed', a.completed_on) order by a.corrective_action_id), '[]') \
             from warehouse.corrective_action a left join warehouse.organization o on o.organization_id = a.owner_organization_id and o.organization_id > 0 where a.event_id = e.event_id))::text \
         from warehouse.event e join warehouse.hazard h using (hazard_id) join meta.file f on f.file_id = e.file_id where e.event_id = ($1::text)::bigint and {visible}"
    );
    let rows = state
        .pool
        .query(&sql, &[Some(id.to_string())])
        .await
        .map_err(|_| "The database cannot be reached, so no single event can be shown.".to_owned())?;
    let Some(row) = rows.first() else { return Ok(None) };
    let answer: serde_json::Value = serde_json::from_str(row.get(0)).map_err(|error| error.to_string())?;
    Ok(report::event(id, &answer))
}

const SIGN_IN: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Sign in · Hotwash</title><link rel=\"stylesheet\" href=\"/assets/report.css\"></head><body><main><h1>Sign in</h1><p class=\"question\">Your operator gives you a key; it begins with hw_.</p>{said}<form class=\"filters\" method=\"post\" action=\"/sign-in\"><label>Key <input type=\"password\" name=\"key\" autocomplete=\"current-password\" required></label><button type=\"submit\">Sign in</button></form></main></body></html>";

/// `GET /sign-in`.
pub async fn sign_in() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(SIGN_IN.replace("{said}", ""))
}

/// What the form sends.
#[derive(serde::Deserialize)]
pub struct Form {
    key: String,
}

/// `POST /sign-in`: a session for a key.
pub async fn begin(request: HttpRequest, state: web::Data<State>, form: web::Form<Form>) -> HttpResponse {
    let refuse = |status: StatusCode, said: &str| {
        HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .body(SIGN_IN.replace("{said}", &format!("<p class=\"notice warn\" role=\"alert\">{said}</p>")))
    };
    // Guessing a key of 256 bits is hopeless; trying many all the same costs the guesser time.
    let viewer = match state.door.verify(&state, form.key.trim()).await {
        Ok(Some(viewer)) => viewer,
        Ok(None) => {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            return refuse(StatusCode::UNAUTHORIZED, "This key is not known, or has ended.");
        }
        Err(_) => return refuse(StatusCode::SERVICE_UNAVAILABLE, "The database cannot be reached; try again soon."),
    };
    let Some(session) = state.sessions.begin(&viewer) else {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "No session could be begun.");
    };
    let secure = request.connection_info().scheme() == "https";
    let cookie = Cookie::build(COOKIE, session)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .max_age(actix_web::cookie::time::Duration::seconds(LIFETIME_SECONDS))
        .finish();
    HttpResponse::SeeOther().insert_header(("location", "/")).cookie(cookie).finish()
}

/// `POST /sign-out`.
pub async fn end() -> HttpResponse {
    let mut cookie = Cookie::build(COOKIE, "").path("/").finish();
    cookie.make_removal();
    HttpResponse::SeeOther().insert_header(("location", "/sign-in")).cookie(cookie).finish()
}
