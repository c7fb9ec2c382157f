//! `/risks`: are our top risks exercised?

use std::collections::BTreeMap;

use hotwash_metrics::{Dimension, MetricError};
use serde_json::Value;

use super::{Context, key};
use crate::report::figure::{Heat, heat};
use crate::report::reading::measured;
use crate::report::{Cell, Figure, Page, Section, link};

/// Hazards shown.
const SHOWN: usize = 20;

/// The page.
pub fn page(context: &Context<'_>) -> Result<Page, MetricError> {
    let regions: Vec<String> = context.regions().into_iter().map(|(code, _)| code).collect();
    let risks = context.rows("risk_profile", &context.ask())?;
    let mut by_hazard: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for row in &risks {
        if let Some(value) = row.value {
            by_hazard.entry(key(row, Dimension::Hazard)).or_default().insert(key(row, Dimension::Region), value);
        }
    }
    let mean = |values: &BTreeMap<String, f64>| values.values().sum::<f64>() / values.len().max(1) as f64;
    let mut hazards: Vec<(String, BTreeMap<String, f64>)> = by_hazard.into_iter().collect();
    hazards.sort_by(|one, two| mean(&two.1).total_cmp(&mean(&one.1)).then_with(|| one.0.cmp(&two.0)));
    hazards.truncate(SHOWN);
    let coverage = context.by("hazard_coverage", &[Dimension::Region], &[], None)?;
    let mut tops: BTreeMap<(String, String), Value> = BTreeMap::new();
    for row in &coverage {
        for hazard in row.extra.get("hazards").and_then(Value::as_array).into_iter().flatten() {
            tops.insert(
                (hazard["hazard"].as_str().unwrap_or_default().to_owned(), key(row, Dimension::Region)),
                hazard.clone(),
            );
        }
    }
    let top = hazards
        .first()
        .map(|(code, values)| format!("Highest on average: {} ({:.0} %).", context.hazard(code), mean(values) * 100.0))
        .unwrap_or_else(|| "No risk assessment of the last 24 months is known.".into());
    let grid = hazards.iter().map(|(code, values)| {
        let cells = regions.iter().map(|region| {
            let value = values.get(region).copied();
            let uncovered = tops.get(&(code.clone(), region.clone())).is_some_and(|top| top["covered"] != true);
            Heat {
                level: value,
                said: value.map(|value| format!("{:.0}", value * 100.0)).unwrap_or_default(),
                framed: uncovered,
            }
        });
        (context.hazard(code), cells.collect())
    });
    let grid: Vec<(String, Vec<Heat>)> = grid.collect();
    let table = hazards.iter().map(|(code, values)| {
        std::iter::once(Cell::from(context.hazard(code)))
            .chain(regions.iter().map(|region| {
                values.get(region).map(|value| format!("{:.0} %", value * 100.0)).unwrap_or_default().into()
            }))
            .collect()
    });
    let since = |value: &Value| value.as_i64().map_or_else(|| "never".to_owned(), |months| format!("{months} months"));
    let mut uncovered: Vec<(&(String, String), &Value)> =
        tops.iter().filter(|(_, top)| top["covered"] != true).collect();
    uncovered.sort_by(|one, two| {
        two.1["risk"].as_f64().unwrap_or_default().total_cmp(&one.1["risk"].as_f64().unwrap_or_default())
    });
    let rows = uncovered.iter().map(|((hazard, region), top)| {
        vec![
            Cell::from(context.hazard(hazard)),
            link(format!("Region {region}"), format!("/regions/{region}")),
            format!("{:.0} %", top["risk"].as_f64().unwrap_or_default() * 100.0).into(),
            since(&top["monthsSinceExercise"]).into(),
            since(&top["monthsSinceIncident"]).into(),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    Ok(Page {
        path: "/risks".into(),
        title: "Risks".into(),
        question: "Are our top risks exercised?".into(),
        sections: vec![
            Section::Figure(Figure {
                title: "Mean risk by hazard and region".into(),
                reading: format!(
                    "{top} Framed: among the region's ten highest, and not exercised within 24 months. Scores are self-assigned: ranks compare better than numbers."
                ),
                svg: heat("Mean residual risk in per cent by hazard and region", &regions, &grid),
                headings: std::iter::once("Hazard".to_owned())
                    .chain(regions.iter().map(|region| format!("Region {region}")))
                    .collect(),
                rows: table.collect(),
                href: "/metrics/risk_profile".into(),
            }),
            Section::Table(Figure {
                title: "Top risks not exercised within 24 months".into(),
                reading: coverage
                    .iter()
                    .map(|row| format!("Region {}: {}", key(row, Dimension::Region), measured(row, "top risks")))
                    .collect::<Vec<_>>()
                    .join(" "),
                headings: ["Hazard", "Region", "Mean risk", "Since the last exercise", "Since the last incident"]
                    .map(str::to_owned)
                    .to_vec(),
                rows,
                href: "/metrics/hazard_coverage".into(),
                ..Figure::default()
            }),
        ],
    })
}
