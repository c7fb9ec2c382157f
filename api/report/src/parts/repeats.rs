//! Figure of repeat findings, of a capability or a region.

use hotwash_metrics::{MetricRow, Reliability};

use crate::context::extra;
use crate::drawing::{Bar, Bars, Drawing};
use crate::page::{Figure, Span};
use crate::wording::{measured, thousands};

/// Figure of recurring findings, split by what had been done about them.
pub fn repeats_figure(row: Option<&MetricRow>, records: String) -> Figure {
    let kinds = [
        ("Recurred after a completed action", "relapse"),
        ("Actions still open", "stillOpen"),
        ("No action taken", "neverActioned"),
    ];
    let count = |name: &str| row.and_then(|row| extra(row, name)).unwrap_or_default();
    let is_suppressed = row.is_some_and(|row| row.reliability == Reliability::Suppressed);
    let lines = kinds.map(|(label, name)| Bar {
        label: label.into(),
        value: count(name),
        part: if name == "relapse" { count(name) } else { 0.0 },
        text: thousands(count(name)),
    });
    Figure {
        title: "Repeat findings".into(),
        reading: match row.filter(|row| row.n > 0 || is_suppressed) {
            Some(row) => {
                measured(row, "areas for improvement repeat an earlier one of the last 36 months")
            }
            None => "No areas for improvement on record.".into(),
        },
        drawing: if kinds.iter().any(|(_, name)| count(name) > 0.0) {
            Drawing::Bars(Bars { lines: lines.to_vec() })
        } else {
            Drawing::None
        },
        headings: vec!["Action on the earlier finding".into(), "Repeats".into()],
        rows: kinds
            .iter()
            .filter(|_| !is_suppressed)
            .map(|(label, name)| vec![(*label).into(), thousands(count(name)).into()])
            .collect(),
        metric: "repeat_findings".into(),
        records,
        span: Span::Half,
        ..Figure::default()
    }
}
