//! `/figures/{id}.{csv|svg}?of=PATH`: the numbers or the chart of one figure of a report page.
//!
//! The page is built with the reader's rights and the page's parameters, so that the file contains
//! what the page shows.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use hotwash_graphql::ViewerScope;
use hotwash_graphql::error::Code;
use hotwash_report::{self as report, Figure, PageParameters};

use super::pages::answers;
use super::state::AppState;
use super::{authenticate, error};
use crate::page_context::OwnedPageContext;

/// What a figure is written as.
#[derive(Clone, Copy)]
enum Written {
    /// Its numbers.
    Csv,
    /// Its chart.
    Svg,
}

impl Written {
    fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Svg => "image/svg+xml",
        }
    }
}

/// Answers with a figure as a file.
pub async fn file(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let seen = match authenticate::admit(&request, &state).await {
        Ok(seen) => seen,
        Err(rejection) => {
            return rejection.with_headers(error::json(rejection.code(), rejection.message()));
        }
    };
    let began = std::time::Instant::now();
    let viewer = seen.viewer.clone();
    let (id, ending) = path.into_inner();
    let response = match Written::of_ending(&ending) {
        Some(written) => answer(&state, seen, &id, written, request.query_string()).await,
        None => Err((
            Code::NotFound,
            format!("there is no ending {ending}; there are csv, for the numbers, and svg"),
        )),
    };
    let response = response.unwrap_or_else(|(code, message)| error::json(code, message));
    let operation = format!("GET {}", request.uri());
    let status = response.status().as_u16().to_string();
    state.journal.note(&request, &viewer, &operation, status, began);
    response
}

async fn answer(
    state: &AppState,
    seen: ViewerScope,
    id: &str,
    written: Written,
    query: &str,
) -> Result<HttpResponse, (Code, String)> {
    let bad = |message: String| (Code::BadUserInput, message);
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|error| bad(error.to_string()))?
        .into_inner();
    let (of, pairs): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name == "of");
    let [(_, path)] = of.as_slice() else {
        return Err(bad("of must name the page of the figure once, as of=/actions".to_owned()));
    };
    let snapshot = state.store.pin();
    let generation = state.store.generation(&snapshot);
    let mut context = OwnedPageContext::new(Arc::clone(&snapshot), &seen.viewer);
    context.parameters = PageParameters::read(&pairs).map_err(|error| bad(error.to_string()))?;
    context.borrow().check().map_err(|error| bad(error.to_string()))?;
    let queries = context.queries(path).await.map_err(|cause| broken(cause.to_string()))?;
    context.answers = answers(state, &seen, generation, queries).await;
    let (id, path) = (id.to_owned(), path.clone());
    let built = tokio::task::spawn_blocking(move || {
        let context = context.borrow();
        let page = report::find_page(&path, &context)
            .map_err(|cause| (Code::of_metric(&cause), cause.to_string()))?;
        let missing = || (Code::NotFound, format!("no figure {id} on a page {path}"));
        let page = page.ok_or_else(missing)?;
        let figure = page.figure(&id).ok_or_else(missing)?;
        let source = context.frame().source();
        Ok::<_, (Code, String)>((bytes(figure, written, &source)?, id))
    });
    let (body, id) = built.await.map_err(|error| broken(error.to_string()))??;
    let ending = match written {
        Written::Csv => "csv",
        Written::Svg => "svg",
    };
    Ok(HttpResponse::Ok()
        .content_type(written.media_type())
        .insert_header(("content-disposition", format!("attachment; filename=\"{id}.{ending}\"")))
        .insert_header(("hotwash-snapshot-version", snapshot.version.to_string()))
        .body(body))
}

/// Writes a figure.
fn bytes(figure: &Figure, written: Written, source: &str) -> Result<Vec<u8>, (Code, String)> {
    match written {
        Written::Csv => {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in figure.numbers() {
                writer.write_record(&row).map_err(|error| broken(error.to_string()))?;
            }
            writer.into_inner().map_err(|error| broken(error.to_string()))
        }
        Written::Svg => figure.picture(source).map(String::into_bytes).ok_or_else(|| {
            (Code::NotFound, format!("figure {} has no chart; ask for csv", figure.id))
        }),
    }
}

/// Logs a fault of the server, and answers without its details.
fn broken(cause: String) -> (Code, String) {
    tracing::error!(%cause, "a figure broke");
    (Code::Internal, "internal error; see the server's log".to_owned())
}
