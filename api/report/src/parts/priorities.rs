//! Priorities: regions and capabilities ranked by gap, exposure and overdue actions, with the
//! interval of each rank.

use hotwash_metrics::{Dimension, MetricError, MetricRow, Reliability};

use crate::context::{PageContext, extra, key};
use crate::page::{Figure, FigureCell, link, share_cell};
use crate::wording::{capability, counted, value};

/// Returns the priorities by rank, and the number of suppressed ones.
///
/// # Errors
/// Fails when the priorities cannot be computed.
pub fn ranked(context: &PageContext<'_>) -> Result<(Vec<MetricRow>, usize), MetricError> {
    let rows =
        context.rows("improvement_priority", &context.metric_query("improvement_priority"))?;
    let suppressed = rows.iter().filter(|row| row.reliability == Reliability::Suppressed).count();
    Ok((by_rank(rows), suppressed))
}

/// Returns the rows that have a rank, in its order.
fn by_rank(rows: Vec<MetricRow>) -> Vec<MetricRow> {
    let rank = |row: &MetricRow| row.value.and(extra(row, "rank"));
    let mut ranked: Vec<(f64, MetricRow)> =
        rows.into_iter().filter_map(|row| Some((rank(&row)?, row))).collect();
    ranked.sort_by(|(one, _), (two, _)| one.total_cmp(two));
    ranked.into_iter().map(|(_, row)| row).collect()
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
    let reading = match rows.first() {
        Some(first) => format!(
            "First: {} in {}. Rankings are approximate: this item could rank anywhere from \
             {} to {}. Gap: share of ratings below P or S. Exposure: highest risk that depends on this \
             capability. Overdue: share of its open actions past due.{more}",
            capability(&key(first, Dimension::Capability), context.names()),
            context.region(&key(first, Dimension::Region)),
            number("rankLow", first),
            number("rankHigh", first)
        ),
        None if suppressed > 0 => "Suppressed: too few organizations to publish.".into(),
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

#[cfg(test)]
mod tests {
    use hotwash_metrics::Unit;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_suppressed_priority_has_no_rank() {
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
        let rows = vec![row(None, None), row(Some(0.2), Some(7)), row(Some(0.9), Some(2))];
        let found: Vec<Option<f64>> = by_rank(rows).iter().map(|row| extra(row, "rank")).collect();
        assert_eq!(found, [Some(2.0), Some(7.0)]);
    }
}
