//! The report's pages over HTTP.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use hotwash_metrics::{MetricError, Snapshot};
use hotwash_report::{
    self as report, Links, Page, PageAnswers, PageParameters, PageQuery, ParameterError, SCRIPT,
    STYLE, ago, printed_moment, sentence, with_readable_days,
};
use hotwash_schema::access::Viewer;

use super::answer_cache::{AnswerQuery, is_cacheable_query};
use super::rejection::Rejection;
use super::route::{READ, address, read};
use super::state::AppState;
use super::{authenticate, error, sign_in};
use crate::page_context::{OwnedPageContext, answer as answer_of};
use hotwash_graphql::ViewerScope;
use hotwash_graphql::error::Code;

/// `/assets/report.css`.
pub async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("cache-control", "max-age=300"))
        .body(STYLE)
}

/// `/assets/report.js`.
pub async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header(("cache-control", "max-age=300"))
        .body(SCRIPT)
}

/// Routes of all pages, and of the paths below them, which may be unknown.
pub fn routes(config: &mut web::ServiceConfig) {
    let firsts: BTreeSet<&str> = report::PAGES.iter().map(|page| page.first_segment()).collect();
    for first in firsts {
        address(config, &format!("/{first}"), READ, [read().to(page)]);
        if !first.is_empty() {
            let below = format!("/{first}/{{below:.*}}");
            address(config, &below, READ, [read().to(page)]);
        }
    }
}

/// Any page of the report.
pub async fn page(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let seen = match authenticate::admit(&request, &state).await {
        Ok(seen) => seen,
        Err(Rejection::Unauthenticated(_)) => {
            return sign_in::redirect(&request);
        }
        Err(rejection) => {
            return rejection.with_headers(error::text(rejection.code(), rejection.message()));
        }
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let response = answer(&state, seen, request.path(), request.query_string()).await;
    let operation = format!("GET {}", request.uri());
    state.journal.note(
        &request,
        &viewer,
        &operation,
        response.status().as_u16().to_string(),
        began,
    );
    response
}

/// Returns a report page for a viewer, cached or computed.
pub async fn answer(state: &AppState, seen: ViewerScope, path: &str, query: &str) -> HttpResponse {
    let snapshot = state.store.pin();
    // A page is cached until the warehouse changes, but not while the database is unavailable.
    let generation = state.store.generation(&snapshot);
    if !state.answers.is_on() || state.store.status().unreachable_since.is_some() {
        let page = rendered(state, &seen, snapshot, path, query).await;
        return response(page.map(|page| (page.status, page.body)));
    }
    let asked = AnswerQuery::page(path, query, &seen.viewer);
    if let Some((body, _)) = state.answers.get(generation, &asked) {
        return response(Ok((StatusCode::OK, body)));
    }
    let page = state.answers.pages.run((generation, asked.clone()), async {
        let page = rendered(state, &seen, snapshot, path, query).await?;
        if page.status == StatusCode::OK && page.is_cacheable {
            state.answers.insert(generation, asked, &page.body, 0);
        }
        Ok((page.status, page.body))
    });
    response(page.await)
}

fn response(page: Result<(StatusCode, web::Bytes), String>) -> HttpResponse {
    match page {
        Ok((status, body)) => HttpResponse::build(status).content_type(HTML).body(body),
        Err(cause) => {
            tracing::error!(error = %cause, "a page broke");
            let message = "internal error: this page could not be rendered; see the server's log";
            error::text(Code::Internal, message)
        }
    }
}

/// A rendered page.
struct RenderedPage {
    status: StatusCode,
    body: web::Bytes,
    /// False if single records could not be listed, or are about loads.
    is_cacheable: bool,
}

async fn rendered(
    state: &AppState,
    seen: &ViewerScope,
    snapshot: Arc<Snapshot>,
    path: &str,
    query: &str,
) -> Result<RenderedPage, String> {
    let (status, generation) = (state.store.status(), state.store.generation(&snapshot));
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map(web::Query::into_inner);
    let read = pairs
        .map_err(|error| ParameterError::Address(error.to_string()))
        .and_then(|pairs| PageParameters::read(&pairs));
    let (parameters, mut fault) = match read {
        Ok(parameters) => (parameters, None),
        Err(unusable) => (PageParameters::default(), Some(unusable)),
    };
    let mut is_cacheable = true;
    let mut context = OwnedPageContext::new(snapshot, &seen.viewer);
    context.parameters = parameters;
    if let Err(unusable) = context.borrow().check() {
        fault.get_or_insert(unusable);
        context.parameters = PageParameters::default();
    }
    if fault.is_none() {
        let queries = context.queries(path).await.map_err(|error| error.to_string())?;
        is_cacheable = queries.iter().all(|query| is_cacheable_query(&query.query));
        context.answers = answers(state, seen, generation, queries).await;
    }
    is_cacheable &= context.answers.values().all(Result::is_ok);
    let path = path.to_owned();
    let rendered = tokio::task::spawn_blocking(move || {
        let context = context.borrow();
        let mut frame = context.frame();
        if let Some(since) = status.unreachable_since {
            let now = chrono::Utc::now();
            frame.banner = format!(
                "The database has not answered since {} ({}). These figures are of the last \
                 snapshot, read on {} ({}); single records cannot be listed.",
                printed_moment(since),
                ago((now - since).num_seconds()),
                printed_moment(status.read_at),
                ago((now - status.read_at).num_seconds())
            );
        }
        if let Some(unusable) = fault {
            frame.banner = unusable.to_string();
            let page = Page {
                by_region: true,
                by_framework: true,
                ..message_page("We can't show this view", "Change the filters above or clear them.")
            };
            return (
                error::status(Code::BadUserInput),
                report::render(&page, &frame, Links::Server).into_bytes(),
            );
        }
        let single = report::find(&path).is_some_and(|(page, _)| page.single_record);
        let (code, page) = match report::find_page(&path, &context) {
            Ok(Some(page)) => (None, page),
            Ok(None) if single && status.unreachable_since.is_some() => {
                let message = "Single records are read from the database; this page is back as soon \
                    as it answers.";
                (Some(Code::Unavailable), message_page("We can't show this record now", message))
            }
            Ok(None) => (Some(Code::NotFound), report::not_found_page(&path, &context)),
            Err(error) if error.is_forbidden() => {
                frame.banner = sentence(&with_readable_days(&error.to_string()));
                (
                    Some(Code::Forbidden),
                    message_page(
                        "This view is not published about other regions",
                        "Clear the filters, or choose your own region.",
                    ),
                )
            }
            Err(MetricError::Engine(message)) => {
                frame.banner = message;
                let message = "Figures are computed by an engine on other machines; this page is \
                    back \
                    as soon as it answers.";
                (Some(Code::Unavailable), message_page("We can't compute this page now", message))
            }
            Err(error) if error.is_query_error() => {
                frame.banner = sentence(&error.to_string());
                (
                    Some(Code::BadUserInput),
                    message_page(
                        "We can't show this view",
                        "Change the filters above or clear them.",
                    ),
                )
            }
            Err(error) => {
                frame.banner = sentence(&error.to_string());
                let message = "Internal error; the other pages are not affected.";
                (Some(Code::Internal), message_page("We can't show this page", message))
            }
        };
        let status = code.map_or(StatusCode::OK, error::status);
        (status, report::render(&page, &frame, Links::Server).into_bytes())
    });
    let (status, body) = rendered.await.map_err(|error| error.to_string())?;
    Ok(RenderedPage { status, body: body.into(), is_cacheable })
}

const HTML: &str = "text/html; charset=utf-8";

/// Returns the paths of the pages to prerender.
pub fn prerendered_paths(
    snapshot: Arc<Snapshot>,
    viewer: &Viewer,
) -> Result<Vec<String>, MetricError> {
    report::prerendered_paths(&OwnedPageContext::new(snapshot, viewer).borrow())
}

/// Runs the queries of a page through the API, so that the same access rules apply.
pub async fn answers(
    state: &AppState,
    seen: &ViewerScope,
    generation: i64,
    queries: Vec<PageQuery>,
) -> PageAnswers {
    let pending = queries.into_iter().map(|query| async move {
        let asked = AnswerQuery::records(&query.query, &seen.viewer);
        let cached = asked.as_ref().and_then(|asked| state.answers.get(generation, asked));
        if let Some(known) = cached.and_then(|(cached, _)| serde_json::from_slice(&cached).ok()) {
            return (query.name, Ok(known));
        }
        let pool = state.pool.shared_by(&seen.viewer);
        let found = answer_of(state.guard.schema(), pool, seen, query.query).await;
        let result = found.map_err(|refusal| refusal.to_string());
        if let (Ok(value), Some(asked)) = (&result, asked) {
            state.answers.insert(generation, asked, &web::Bytes::from(value.to_string()), 0);
        }
        (query.name, result)
    });
    futures::future::join_all(pending).await.into_iter().collect()
}

fn message_page(title: &str, message: &str) -> Page {
    Page { path: "/".into(), title: title.into(), question: message.into(), ..Page::default() }
}
