//! `/throw-away`: a page thrown away after the test (`tests/throw-away/run`).

use hotwash_metrics::MetricError;

use crate::context::PageContext;
use crate::definition::{ReportPage, Sheet};
use crate::page::{Page, Section};
use crate::query::PageQuery;

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Thrown away"),
    print: Some(Sheet::PLAIN),
    prerendered: true,
    copied: true,
    queries: |_, _| {
        let query = "{ events(first: 1) { totalCount } }".into();
        Ok(vec![PageQuery { name: "events", query }])
    },
    ..ReportPage::one("/throw-away", page)
};

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let closed = context.one("action_closure", &[])?.map_or(0, |row| row.n);
    let mut sections = vec![Section::Lead(format!("{closed} actions were opened."))];
    if let Some(Ok(answer)) = context.answer("events") {
        sections.push(Section::Text(format!("Events: {}.", answer["events"]["totalCount"])));
    }
    Ok(Page {
        title: "Page thrown away".into(),
        question: "Would another page be one file and one line?".into(),
        sections,
        ..Page::default()
    })
}
