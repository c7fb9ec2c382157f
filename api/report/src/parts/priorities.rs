//! Priorities: regions and capabilities ranked by gap, exposure and overdue actions, with the
//! interval of each rank.

use std::cmp::Ordering;

use hotwash_metrics::{Dimension, MetricError, MetricRow, Reliability};

use crate::context::{PageContext, extra, key};
use crate::page::{Figure, FigureCell, link, share_cell};
use crate::wording::{capability, counted, thousands, value};

/// Returns the priorities by rank, and the number of suppressed ones. Where priorities of the
/// reader's own region are next to published ones, their values decide, since they have no rank
/// among them.
///
/// # Errors
/// Fails when the priorities cannot be computed.
pub fn ranked(context: &PageContext<'_>) -> Result<(Vec<MetricRow>, usize), MetricError> {
    let rows =
        context.rows("improvement_priority", &context.metric_query("improvement_priority"))?;
    let suppressed = rows.iter().filter(|row| row.reliability == Reliability::Suppressed).count();
    Ok((by_rank(rows), suppressed))
}

/// Returns the rows that have a value, in order of their ranks, or of their values if one has no
/// rank.
fn by_rank(mut rows: Vec<MetricRow>) -> Vec<MetricRow> {
    rows.retain(|row| row.value.is_some());
    if is_ranked(&rows) {
        let rank = |row: &MetricRow| extra(row, "rank").unwrap_or_default();
        rows.sort_by(|one, two| rank(one).total_cmp(&rank(two)));
    } else {
        rows.sort_by(|one, two| two.value.partial_cmp(&one.value).unwrap_or(Ordering::Equal));
    }
    rows
}

/// Returns true if all rows have a rank among each other.
fn is_ranked(rows: &[MetricRow]) -> bool {
    rows.iter().all(|row| extra(row, "rank").is_some())
}

/// Returns the first priorities of the state or of one region.
pub fn first(context: &PageContext<'_>, most: usize) -> Result<Figure, MetricError> {
    let (rows, suppressed) = ranked(context)?;
    let number = |name: &str, row: &MetricRow| extra(row, name).unwrap_or_default();
    let more = match suppressed {
        0 => String::new(),
        count => format!(
            " {} not shown.",
            counted(count as f64, "suppressed one is", "suppressed ones are")
        ),
    };
    let is_ranked = is_ranked(&rows);
    let reading = match rows.first() {
        Some(first) => format!(
            "First: {} in {}. {} Gap: share of ratings below P or S. Exposure: highest risk that \
             depends on this capability. Overdue: share of its open actions past due.{more}",
            capability(&key(first, Dimension::Capability), context.names()),
            context.region(&key(first, Dimension::Region)),
            if is_ranked {
                format!(
                    "Rankings are approximate: this item could rank anywhere from {} to {}.",
                    number("rankLow", first),
                    number("rankHigh", first)
                )
            } else {
                "Ranks are among the items shown, and approximate.".to_owned()
            }
        ),
        None if suppressed > 0 => "Suppressed: too few organizations to publish.".into(),
        None => "No ratings of the last 36 months to rank.".into(),
    };
    let table = rows.iter().enumerate().map(|(at, row)| {
        let (region, code) = (key(row, Dimension::Region), key(row, Dimension::Capability));
        let ranks = if is_ranked {
            vec![
                FigureCell::from(format!("{}", number("rank", row))),
                format!("{} to {}", number("rankLow", row), number("rankHigh", row)).into(),
            ]
        } else {
            vec![FigureCell::from(thousands(at as f64 + 1.0))]
        };
        let cells = [
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
        ];
        ranks.into_iter().chain(cells).collect()
    });
    let headings = ["Rank", "Likely rank"].into_iter().take(if is_ranked { 2 } else { 1 });
    let headings =
        headings.chain(["Capability", "Region", "Gap", "Exposure", "Overdue", "Priority"]);
    Ok(Figure {
        title: "What needs a decision".into(),
        reading,
        headings: headings.map(str::to_owned).collect(),
        rows: table.collect(),
        most: Some(most),
        metric: "improvement_priority".into(),
        ..Figure::default()
    })
}

#[cfg(test)]
mod tests {
    use hotwash_metrics::Unit;
    use serde_json::json;

    use super::*;

    #[test]
    fn priorities_without_a_common_rank_are_in_order_of_their_values() {
        let row = |value: Option<f64>, rank: Option<u64>| MetricRow {
            dimensions: Default::default(),
            value,
            unit: Unit::Score,
            numerator: None,
            denominator: None,
            n: 9,
            ci_low: None,
            ci_high: None,
            reliability: Reliability::Ok,
            note: None,
            extra: json!({ "rank": rank }).as_object().cloned().unwrap(),
        };
        let values = |rows: Vec<MetricRow>| -> Vec<Option<f64>> {
            by_rank(rows).iter().map(|row| row.value).collect()
        };
        let suppressed = row(None, None);
        let mut rows = vec![suppressed, row(Some(0.9), Some(7)), row(Some(0.2), Some(2))];
        assert_eq!(values(rows.clone()), [Some(0.2), Some(0.9)], "by rank");
        // A row of the reader's own region has no rank among published ones.
        rows.push(row(Some(0.5), None));
        assert_eq!(values(rows), [Some(0.9), Some(0.5), Some(0.2)], "by value");
    }
}
