//! `/data`: can I trust it?

use hotwash_metrics::{Dimension, MetricError};

use super::{Context, extra, key};
use crate::report::reading::thousands;
use crate::report::{Cell, Figure, Page, Section, text_of};

/// The page.
pub fn page(context: &Context<'_>) -> Result<Page, MetricError> {
    let rows = context.rows("data_quality", &context.ask())?;
    let count = |row: &hotwash_metrics::Row, name: &str| extra(row, name).map(thousands).unwrap_or_default();
    let table = rows.iter().map(|row| {
        vec![
            Cell::from(key(row, Dimension::Source)),
            count(row, "files").into(),
            count(row, "read").into(),
            count(row, "loaded").into(),
            count(row, "rejected").into(),
            row.value.map(|share| format!("{:.2} %", share * 100.0)).unwrap_or_default().into(),
            count(row, "unmapped").into(),
            count(row, "redacted").into(),
            text_of(row.extra.get("daysSinceNewest")).into(),
        ]
    });
    let table: Vec<Vec<Cell>> = table.collect();
    let complete = context.by("aar_completeness", &[Dimension::Region], &[], None)?;
    let requirements = context.by("requirement_compliance", &[Dimension::Region], &[], None)?;
    Ok(Page {
        path: "/data".into(),
        title: "Data".into(),
        question: "Can I trust it?".into(),
        sections: vec![
            Section::Table(Figure {
                title: "What was loaded, by source".into(),
                reading: "Read = loaded + unchanged + rejected, always. Contact details are taken out before anything is stored, and counted.".into(),
                headings: ["Source", "Files", "Read", "Loaded", "Rejected", "Share rejected", "Unmapped labels", "Redactions", "Days since the newest record"].map(str::to_owned).to_vec(),
                rows: table,
                href: "/metrics/data_quality".into(),
                ..Figure::default()
            }),
            Section::Table(Figure {
                title: "Completeness of after-action reports".into(),
                reading: "Mean share of eleven parts that a report owes; not its quality.".into(),
                headings: vec!["Region".into(), "Completeness".into()],
                rows: complete.iter().map(|row| vec![format!("Region {}", key(row, Dimension::Region)).into(), crate::report::reading::measured(row, "reports").into()]).collect(),
                href: "/metrics/aar_completeness".into(),
                ..Figure::default()
            }),
            Section::Table(Figure {
                title: "Requirements of programmes".into(),
                reading: "Met, of those whose day has come; the list is an example until you load your own.".into(),
                headings: ["Region", "Met", "Missed", "Still due"].map(str::to_owned).to_vec(),
                rows: requirements.iter().map(|row| vec![format!("Region {}", key(row, Dimension::Region)).into(), crate::report::reading::measured(row, "requirements").into(), text_of(row.extra.get("missed")).into(), text_of(row.extra.get("due")).into()]).collect(),
                href: "/metrics/requirement_compliance".into(),
                ..Figure::default()
            }),
        ],
    })
}
