//! Expected feeds: the table of the Data page.

use hotwash_metrics::{Feed, FeedState, MetricQuery};

use crate::context::PageContext;
use crate::feeds::is_seen;
use crate::page::{Figure, FigureCell};
use crate::wording::{counted, day, listed, thousands, verb};

/// Returns the feeds that the viewer may see.
fn seen<'a>(context: &'a PageContext<'_>) -> impl Iterator<Item = &'a Feed> {
    context.snapshot.feeds().iter().filter(|feed| is_seen(context.viewer, feed))
}

/// Returns the table of expected feeds; none if no feed is expected, or the viewer may see none.
pub fn figure(context: &PageContext<'_>) -> Option<Figure> {
    let today = MetricQuery::default().as_of;
    let mut as_expected = 0;
    let rows: Vec<Vec<FigureCell>> = seen(context)
        .map(|feed| {
            let state = feed.state(today);
            as_expected += i32::from(state == FeedState::AsExpected);
            let late = feed.days_overdue(today).filter(|days| *days > 0);
            let band = feed.volume.map(|(least, most)| {
                format!(" ({} to {})", thousands(least as f64), thousands(most as f64))
            });
            let missing = match feed.missing_headings.as_slice() {
                [] => String::new(),
                missing => format!("; missing: {}", listed(missing)),
            };
            vec![
                feed.source_name.as_str().into(),
                feed.region_name.as_deref().unwrap_or("All").into(),
                feed.newest.map_or_else(|| "never".to_owned(), day).into(),
                feed.expected_by().map(day).unwrap_or_default().into(),
                late.map(|days| thousands(days as f64)).unwrap_or_default().into(),
                format!("{}{}", thousands(feed.records as f64), band.unwrap_or_default()).into(),
                format!("{}{missing}", state.name()).into(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    Some(Figure {
        title: "Expected feeds".into(),
        reading: format!(
            "{} of {} {} as expected. Figures that count records of an overdue feed are marked.",
            as_expected,
            counted(rows.len() as f64, "feed", "feeds"),
            verb(f64::from(as_expected), "is", "are")
        ),
        headings: [
            "Source",
            "Region",
            "Last data",
            "Expected by",
            "Days overdue",
            "Records (usual)",
            "State",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows,
        ..Figure::default()
    })
}
