//! Priorities: regions and capabilities ranked by gap, exposure and overdue actions, with the
//! interval of each rank.

use hotwash_metrics::{Dimension, MetricError, MetricQuery};

use crate::context::{PageContext, extra, key};
use crate::page::{Figure, FigureCell, link, share_cell};
use crate::wording::{capability, value};

/// Returns the first priorities of the state or of one region.
pub fn first(context: &PageContext<'_>, most: usize) -> Result<Figure, MetricError> {
    let metric_query: MetricQuery = context.metric_query("improvement_priority");
    let rows = context.rows("improvement_priority", &metric_query)?;
    let number =
        |name: &str, row: &hotwash_metrics::MetricRow| extra(row, name).unwrap_or_default();
    let reading = match rows.first() {
        Some(first) => format!(
            "First: {} in {}. Rankings are approximate: it could rank anywhere from {} to \
             {}. Gap: share of ratings below P or S. Exposure: highest risk that depends on this \
             capability. Overdue: share of its open actions past due.",
            capability(&key(first, Dimension::Capability), context.names()),
            context.region(&key(first, Dimension::Region)),
            number("rankLow", first),
            number("rankHigh", first)
        ),
        None => "No ratings of the last 36 months to rank.".into(),
    };
    let table = rows.iter().map(|row| {
        let (region, code) = (key(row, Dimension::Region), key(row, Dimension::Capability));
        vec![
            FigureCell::from(format!("{}", number("rank", row))),
            format!("{} to {}", number("rankLow", row), number("rankHigh", row)).into(),
            link(
                capability(&code, context.names()),
                format!("/capabilities/{}", code.replace(':', "/")),
            ),
            link(context.region(&region), format!("/regions/{region}")),
            share_cell(extra(row, "gap")),
            share_cell(extra(row, "exposure")),
            share_cell(extra(row, "overdueShare")),
            link(
                value(row.value, row.unit),
                format!("/records/improvement_priority?region={region}&capability={code}"),
            ),
        ]
    });
    Ok(Figure {
        title: "What needs a decision".into(),
        reading,
        headings: [
            "Rank",
            "Likely rank",
            "Capability",
            "Region",
            "Gap",
            "Exposure",
            "Overdue",
            "Priority",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: table.collect(),
        most: Some(most),
        metric: "improvement_priority".into(),
        ..Figure::default()
    })
}
