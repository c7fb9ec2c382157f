//! `/metric`: all metrics, with a page for each.

use hotwash_metrics::{MetricError, registry};

use crate::context::PageContext;
use crate::definition::ReportPage;
use crate::page::{Figure, FigureCell, Page, PagePeriod, link};
use crate::wording::plain;

/// Definition of the page. The path `/metrics` belongs to Prometheus; single metrics are below it.
pub static PAGE: ReportPage =
    ReportPage { menu: Some("Metrics"), copied: true, ..ReportPage::one("/metric", page) };

/// Builds the list of all metrics.
fn page(_: &PageContext<'_>) -> Result<Page, MetricError> {
    let rows = registry().iter().map(|metric| {
        let definition = metric.definition();
        vec![
            link(definition.title, format!("/metrics/{}", definition.id)),
            FigureCell::from(definition.question),
            plain(&definition.unit.code().to_lowercase()).into(),
            definition.reference.into(),
        ]
    });
    Ok(Page {
        title: "Metrics".into(),
        question: "What is counted, and how?".into(),
        sections: vec![
            Figure {
                title: "All metrics".into(),
                reading: "Each page has the definition, its source, its numbers, and the same as \
                    CSV and GraphQL."
                    .into(),
                headings: ["Metric", "Question", "Unit", "Source"].map(str::to_owned).to_vec(),
                rows: rows.collect(),
                ..Figure::default()
            }
            .into(),
        ],
        period: PagePeriod::None,
        ..Page::default()
    })
}
