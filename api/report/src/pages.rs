//! Pages of the report, one file each. Numbers come from the metric functions that the API calls;
//! single records come from the API itself, under its access rules.

mod actions;
mod capability;
mod data;
mod event;
mod metric;
mod overview;
mod record;
mod records;
mod region;
mod regions;
mod response;
mod risks;

use hotwash_metrics::{Dimension, MetricError};

use crate::context::{PageContext, key};
use crate::page::{Page, Section, link};
use crate::parts::action_list;
use crate::query::PageQuery;

/// Returns the GraphQL queries that the page at a path needs.
///
/// # Errors
/// Fails when the metric whose records are listed cannot be computed.
pub fn page_queries(path: &str, context: &PageContext<'_>) -> Result<Vec<PageQuery>, MetricError> {
    Ok(match segments(path).as_slice() {
        ["actions"] => vec![action_list::query(context)],
        ["regions", code] => vec![region::query(code)],
        ["events", id] => event::query(id).into_iter().collect(),
        ["record", id] => record::query(context, id).into_iter().collect(),
        ["records", id] => records::query(context, id)?.into_iter().collect(),
        ["data"] => data::queries(),
        _ => Vec::new(),
    })
}

/// Returns the page at a path; `None` if there is no such page.
///
/// # Errors
/// Fails when one of its metrics cannot be computed.
pub fn find_page(path: &str, context: &PageContext<'_>) -> Result<Option<Page>, MetricError> {
    let segments = segments(path);
    if matches!(segments.as_slice(), [""] | ["regions"] | ["actions"] | ["capabilities"])
        && context.is_empty()?
    {
        return Ok(Some(empty(path)));
    }
    let page = match segments.as_slice() {
        [""] => Some(overview::page(context)?),
        ["regions"] => Some(regions::page(context)?),
        ["regions", code] => match context.regions().into_iter().find(|(known, _)| known == code) {
            Some((code, name)) => Some(region::page(context, &code, &name)?),
            None => None,
        },
        ["capabilities"] => Some(capability::index(context)?),
        ["capabilities", framework, code] => {
            let code = format!("{framework}:{code}");
            if context.names().contains_key(&code) {
                Some(capability::page(context, &code)?)
            } else {
                None
            }
        }
        ["risks"] => Some(risks::page(context)?),
        ["actions"] => Some(actions::page(context)?),
        ["response"] => Some(response::page(context)?),
        ["metric"] => Some(metric::index()),
        ["metrics", id] if hotwash_metrics::find(id).is_ok() => Some(metric::page(context, id)?),
        ["records", id] if hotwash_metrics::find(id).is_ok() => Some(records::page(context, id)?),
        ["events", id] => event::page(context, id),
        ["record", id] => record::page(context, id),
        ["data"] => Some(data::page(context)?),
        _ => None,
    };
    Ok(page.map(|page| with_access_note(page, context)))
}

/// Adds a note that explains why some figures are empty.
fn with_access_note(mut page: Page, context: &PageContext<'_>) -> Page {
    let not_released = context.not_released.take();
    if !not_released.is_empty() {
        let reasons: Vec<String> = not_released.into_iter().collect();
        page.sections.push(Section::Text(format!(
            "Some figures are empty, because you may not see this detail of other regions: {}.",
            reasons.join("; ")
        )));
    }
    page
}

fn segments(path: &str) -> Vec<&str> {
    path.trim_matches('/').split('/').collect()
}

/// Returns the page for an unknown path, with links to related pages.
pub fn not_found_page(path: &str, context: &PageContext<'_>) -> Page {
    let codes: Vec<String> = context.regions().into_iter().map(|(code, _)| code).collect();
    let (hint, near): (String, Vec<(String, String)>) =
        match segments(path).first().copied().unwrap_or_default() {
            "regions" => (
                format!("The regions are {}.", codes.join(", ")),
                codes
                    .iter()
                    .map(|code| (format!("Region {code}"), format!("/regions/{code}")))
                    .collect(),
            ),
            "capabilities" => (
                "Capabilities are named by framework and code, as /capabilities/PHEP/6.".into(),
                vec![("All capabilities".into(), "/capabilities".into())],
            ),
            "metrics" | "records" => (
                "The page Metrics lists all metrics.".into(),
                vec![("All metrics".into(), "/metric".into())],
            ),
            "events" => (
                "No event has this number, or you may not see its detail.".into(),
                vec![("Overview".into(), "/".into())],
            ),
            "record" => (
                "No record has this id, or you may not see its detail.".into(),
                vec![("Overview".into(), "/".into())],
            ),
            _ => ("The pages are named above.".into(), vec![("Overview".into(), "/".into())]),
        };
    Page {
        path: path.into(),
        title: "Page not found".into(),
        lost: true,
        question: format!("No page found at {path}."),
        sections: vec![
            Section::Text(hint),
            Section::Steps(near.into_iter().map(|(text, href)| link(text, href)).collect()),
        ],
        ..Page::default()
    }
}

fn empty(path: &str) -> Page {
    Page {
        path: path.into(),
        title: "Nothing to report yet".into(),
        question: "What to load, and how".into(),
        sections: vec![
            Section::Lead(
                "The warehouse contains no ratings and no corrective actions. Load your \
                after-action reports, improvement plans and logs."
                    .into(),
            ),
            Section::Code("From a folder of documents".into(), "hotwash load FOLDER".into()),
            Section::Code(
                "From a template that you fill in".into(),
                "hotwash template ratings > \
                ratings.csv\nhotwash load ratings.csv"
                    .into(),
            ),
            Section::Code(
                "To try Hotwash with a fictional coalition".into(),
                "hotwash demo".into(),
            ),
            Section::Text(
                "hotwash sources lists the documents that can be read. The page Data \
                shows what was loaded and what was rejected; it fills as soon as the first file is \
                in, without a restart."
                    .into(),
            ),
        ],
        ..Page::default()
    }
}

/// Returns every page that needs no server, for a folder of files or for print.
///
/// # Errors
/// Fails when a metric cannot be computed.
pub fn static_pages(context: &PageContext<'_>) -> Result<Vec<Page>, MetricError> {
    let mut paths: Vec<String> =
        ["/", "/regions", "/capabilities", "/risks", "/actions", "/response", "/metric", "/data"]
            .map(str::to_owned)
            .to_vec();
    paths.extend(context.regions().iter().map(|(code, _)| format!("/regions/{code}")));
    let rated = context.by("capability_performance", &[Dimension::Capability], &[], None)?;
    paths.extend(
        rated.iter().map(|row| {
            format!("/capabilities/{}", key(row, Dimension::Capability).replace(':', "/"))
        }),
    );
    paths.extend(
        hotwash_metrics::registry()
            .iter()
            .map(|metric| format!("/metrics/{}", metric.definition().id)),
    );
    let mut pages = Vec::new();
    for path in paths {
        pages.extend(find_page(&path, context)?);
    }
    Ok(pages)
}
