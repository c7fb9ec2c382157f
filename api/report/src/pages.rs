//! Registry of report pages: each is one file in `pages/` and one line here. Numbers come from the
//! metric functions that the API calls; single records come from the API itself, under its access
//! rules.

use std::collections::BTreeSet;

use hotwash_metrics::MetricError;

use crate::context::PageContext;
use crate::definition::{Advice, Build, PathValues, ReportPage, segments};
use crate::page::{Page, PagePeriod, Section, link};
use crate::query::PageQuery;
use crate::wording::{day, listed};

/// Declares the module of each page, and lists the pages.
macro_rules! registry {
    ($($page:ident,)+) => {
        $(mod $page;)+

        /// All pages, in the order of menu and print.
        pub static PAGES: &[&ReportPage] = &[$(&$page::PAGE),+];
    };
}

registry! {
    overview,
    changes,
    region,
    regions,
    compare,
    capabilities,
    capability,
    risks,
    actions,
    trackers,
    response,
    metrics,
    metric,
    records,
    event,
    record,
    search,
    data,
}

/// Returns the definition of the page at a path, and the values of its variable segments.
pub fn find(path: &str) -> Option<(&'static ReportPage, Vec<&str>)> {
    PAGES.iter().find_map(|page| Some((*page, page.values(path)?)))
}

/// Returns the GraphQL queries that the page at a path needs.
///
/// # Errors
/// Fails when the metric whose records are listed cannot be computed.
pub fn page_queries(path: &str, context: &PageContext<'_>) -> Result<Vec<PageQuery>, MetricError> {
    match find(path) {
        Some((page, values)) => (page.queries)(context, &values),
        None => Ok(Vec::new()),
    }
}

/// Returns the page at a path; `None` if there is no such page.
///
/// # Errors
/// Fails when one of its metrics cannot be computed.
pub fn find_page(path: &str, context: &PageContext<'_>) -> Result<Option<Page>, MetricError> {
    let Some((definition, values)) = find(path) else { return Ok(None) };
    context.overdue.take();
    let page = if definition.needs_records && context.is_empty()? {
        Some(empty())
    } else {
        let page = match definition.build {
            Build::One(build) => Some(build(context)?),
            Build::Each(build) => build(context, &values)?,
        };
        page.map(|page| with_overdue_notes(with_access_note(page, context), &values, context))
    };
    Ok(page.map(|page| {
        Page { path: format!("/{}", segments(path).join("/")), ..page }.with_figure_ids()
    }))
}

/// Adds a note that explains why some figures are empty.
fn with_access_note(mut page: Page, context: &PageContext<'_>) -> Page {
    if !context.not_released.take().is_empty() {
        page.sections.push(Section::Text(access_note(context)));
    }
    page
}

/// States which access leaves figures empty, and what is published instead.
fn access_note(context: &PageContext<'_>) -> String {
    let own: Vec<String> = context.viewer.regions.iter().map(|code| context.region(code)).collect();
    let own = if own.is_empty() { "published figures".to_owned() } else { listed(&own) };
    let parameters = &context.parameters;
    let chosen = [parameters.from, parameters.to, parameters.as_of];
    let has_chosen_days = chosen.iter().any(Option::is_some);
    let published = match context.released_on() {
        Some(_) if has_chosen_days => {
            "Other regions are published without a period: clear From, To and As of to see them."
                .to_owned()
        }
        Some(released) => format!(
            "Other regions are published once a month, last as of {}; the Data page states what.",
            day(released)
        ),
        None => "Nothing is published about other regions yet.".to_owned(),
    };
    format!(
        "Some figures or trends are missing, because your access covers {own} only. {published}"
    )
}

/// Adds to each figure which overdue feeds it counts. A page of one region leaves out those of others.
fn with_overdue_notes(mut page: Page, values: PathValues<'_>, context: &PageContext<'_>) -> Page {
    let overdue = context.overdue.take();
    let own = context.regions().into_iter().find(|(code, _)| values.contains(&code.as_str()));
    for section in &mut page.sections {
        let Section::Figure(figure) = section else { continue };
        let notes = overdue.get(&figure.metric).into_iter().flatten().filter(|(region, _)| {
            own.as_ref().zip(region.as_ref()).is_none_or(|((own, _), region)| own == region)
        });
        let notes: BTreeSet<&str> = notes.map(|(_, note)| note.as_str()).collect();
        let notes: Vec<&str> = notes.into_iter().collect();
        if !notes.is_empty() {
            let note = format!("The latest values are incomplete. {}.", notes.join("; "));
            figure.reading = format!("{} {note}", figure.reading).trim().to_owned();
        }
    }
    page
}

/// Returns the page for an unknown path, with links to related pages.
pub fn not_found_page(path: &str, context: &PageContext<'_>) -> Page {
    let first = segments(path)[0];
    let advice = PAGES
        .iter()
        .find_map(|page| page.advice.filter(|_| page.first_segment() == first))
        .map_or_else(
            || Advice {
                text: "The pages are named above.".into(),
                links: vec![link("Overview", "/")],
            },
            |advice| advice(context),
        );
    Page {
        path: path.into(),
        title: "Page not found".into(),
        period: PagePeriod::None,
        question: format!("No page found at {path}."),
        sections: vec![Section::Text(advice.text), Section::Steps(advice.links)],
        ..Page::default()
    }
}

fn empty() -> Page {
    Page {
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

/// Returns every page of the static copy.
///
/// # Errors
/// Fails when a metric cannot be computed.
pub fn static_pages(context: &PageContext<'_>) -> Result<Vec<Page>, MetricError> {
    let mut pages = Vec::new();
    for definition in PAGES.iter().filter(|page| page.copied) {
        for path in definition.all_paths(context)? {
            pages.extend(find_page(&path, context)?);
        }
    }
    Ok(pages)
}

/// Returns the paths to prerender: first pages with one path, then those with several.
///
/// # Errors
/// Fails when a metric that knows the paths cannot be computed.
pub fn prerendered_paths(context: &PageContext<'_>) -> Result<Vec<String>, MetricError> {
    let mut pages: Vec<&ReportPage> =
        PAGES.iter().copied().filter(|page| page.prerendered).collect();
    pages.sort_by_key(|page| matches!(page.build, Build::Each(_)));
    let mut paths = Vec::new();
    for page in pages {
        paths.extend(page.all_paths(context)?);
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_belongs_to_one_page() {
        for page in PAGES {
            let filled = page.path.replace(['{', '}'], "");
            let fitting: Vec<&str> = PAGES
                .iter()
                .filter(|other| other.values(&filled).is_some())
                .map(|other| other.path)
                .collect();
            assert_eq!(fitting, [page.path]);
        }
    }

    #[test]
    fn a_path_gives_the_values_of_its_variable_segments() {
        let found = |path| find(path).map(|(page, values)| (page.path, values));
        assert_eq!(found("/"), Some(("/", vec![])));
        assert_eq!(found("/risks/"), Some(("/risks", vec![])));
        assert_eq!(
            found("/capabilities/PHEP/6"),
            Some(("/capabilities/{framework}/{code}", vec!["PHEP", "6"]))
        );
        assert_eq!(found("/regions/3/x"), None);
    }

    #[test]
    fn pages_with_variable_segments_are_built_for_each_path() {
        for page in PAGES {
            let is_variable = page.path.contains('{');
            assert_eq!(matches!(page.build, Build::Each(_)), is_variable, "{}", page.path);
            assert!(!is_variable || page.menu.is_none(), "{} cannot be in the menu", page.path);
        }
    }
}
