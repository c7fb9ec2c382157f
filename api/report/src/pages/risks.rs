//! `/risks`: are our top risks exercised?

use std::collections::{BTreeMap, BTreeSet};

use hotwash_metrics::{Dimension, MetricError, Reliability, Unit};
use serde_json::Value;

use crate::context::{PageContext, extra_value, key};
use crate::definition::{ReportPage, Sheet};
use crate::drawing::{Dot, Dots, Drawing, Heat, HeatCell};
use crate::page::{Figure, FigureCell, Page, Section, link, share_cell};
use crate::parts::published::OWN_TOP_RISKS;
use crate::wording::{counted, inside, listed, measured, percent, value, verb};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Risks"),
    print: Some(Sheet::PLAIN),
    prerendered: true,
    copied: true,
    ..ReportPage::one("/risks", page)
};

/// Months within which an exercise covers a hazard.
const WITHIN: f64 = 24.0;

/// Rows of the regions' top risks, by hazard and region.
type Tops = BTreeMap<(String, String), Value>;

/// Returns the region of the top risks, if it is the only one.
fn only_region(tops: &Tops) -> Option<&str> {
    let (_, first) = tops.keys().next()?;
    tops.keys().all(|(_, region)| region == first).then_some(first)
}

/// Returns the reason why no top risk is listed.
fn no_top_risks(context: &PageContext<'_>) -> &'static str {
    match context.viewer.sees_all_detail() {
        true => "No risk assessment in the last 24 months.",
        false => OWN_TOP_RISKS,
    }
}

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let coverage = context.by("hazard_coverage", &[Dimension::Region], &[], None)?;
    let mut tops: Tops = BTreeMap::new();
    for row in &coverage {
        for hazard in extra_value(row, "hazards").and_then(Value::as_array).into_iter().flatten() {
            tops.insert(
                (
                    hazard["hazard"].as_str().unwrap_or_default().to_owned(),
                    key(row, Dimension::Region),
                ),
                hazard.clone(),
            );
        }
    }
    let uncovered = tops.values().filter(|top| top["covered"] != true).count();
    Ok(Page {
        title: "Risks".into(),
        question: "Are our top risks exercised?".into(),
        sections: vec![
            Section::Lead(match (coverage.is_empty(), tops.is_empty()) {
                (true, _) => "No risk assessment in the last 24 months. Load hazard vulnerability \
                              analyses."
                    .into(),
                (_, true) => OWN_TOP_RISKS.into(),
                _ => format!(
                    "{uncovered} of {} top risks of {} {} not exercised within 24 months.",
                    tops.len(),
                    only_region(&tops)
                        .map_or_else(|| "the regions".to_owned(), |code| context.region(code)),
                    verb(uncovered as f64, "was", "were")
                ),
            }),
            profile(context, &tops)?.into(),
            grid(context, &tops).into(),
            Figure {
                title: "Share of top risks exercised".into(),
                reading:
                    "Of each region's ten highest risks. Bars show 95% ranges, which are wide \
                    for ten risks."
                        .into(),
                drawing: Drawing::Dots(Dots {
                    lines: coverage
                        .iter()
                        .map(|row| Dot {
                            label: context.region(&key(row, Dimension::Region)),
                            value: row.value,
                            interval: row.ci_low.zip(row.ci_high),
                            text: value(row.value, row.unit),
                            ..Dot::default()
                        })
                        .collect(),
                    reference: None,
                    unit: Unit::Share,
                    compared_with: String::new(),
                }),
                headings: vec!["Region".into(), "Exercised within 24 months".into()],
                rows: coverage
                    .iter()
                    .map(|row| {
                        let region = key(row, Dimension::Region);
                        vec![
                            link(context.region(&region), format!("/regions/{region}")),
                            link(
                                measured(row, "top risks"),
                                format!("/records/hazard_coverage?region={region}"),
                            ),
                        ]
                    })
                    .collect(),
                metric: "hazard_coverage".into(),
                records: "/records/hazard_coverage".into(),
                ..Figure::default()
            }
            .into(),
            missing(context, &tops).into(),
        ],
        by_region: true,
        by_framework: false,
        ..Page::default()
    })
}

fn profile(context: &PageContext<'_>, tops: &Tops) -> Result<Figure, MetricError> {
    let regions: Vec<String> = context.shown_regions().into_iter().map(|(code, _)| code).collect();
    let named: Vec<String> = regions.iter().map(|code| context.region(code)).collect();
    let risks = context.rows("risk_profile", &context.metric_query("risk_profile"))?;
    let suppressed: BTreeSet<(String, String)> = risks
        .iter()
        .filter(|row| row.reliability == Reliability::Suppressed)
        .map(|row| (key(row, Dimension::Hazard), key(row, Dimension::Region)))
        .collect();
    let mut by_hazard: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for row in &risks {
        if let Some(value) = row.value {
            by_hazard
                .entry(key(row, Dimension::Hazard))
                .or_default()
                .insert(key(row, Dimension::Region), value);
        }
    }
    let mean =
        |values: &BTreeMap<String, f64>| values.values().sum::<f64>() / values.len().max(1) as f64;
    let mut hazards: Vec<(String, BTreeMap<String, f64>)> = by_hazard.into_iter().collect();
    hazards
        .sort_by(|one, two| mean(&two.1).total_cmp(&mean(&one.1)).then_with(|| one.0.cmp(&two.0)));
    let highest = hazards
        .iter()
        .flat_map(|(_, values)| values.values())
        .fold(0.01_f64, |most, value| most.max(*value));
    let lines = hazards.iter().map(|(code, values)| {
        let cells = regions.iter().map(|region| {
            let value = values.get(region).copied();
            HeatCell {
                // Shades go up to the highest value; the cell shows the number.
                level: value.map(|value| value / highest),
                text: match value {
                    Some(share) => percent(share),
                    None if suppressed.contains(&(code.clone(), region.clone())) => "·".into(),
                    None => String::new(),
                },
                framed: tops
                    .get(&(code.clone(), region.clone()))
                    .is_some_and(|top| top["covered"] != true),
            }
        });
        (context.hazard(code), String::new(), cells.collect())
    });
    let reading = match hazards.first() {
        Some((code, values)) => format!(
            "Highest on average: {} ({:.0}%). Mean residual risk. Scores are self-reported, so \
             compare ranks rather than values.{}",
            inside(&context.hazard(code)),
            mean(values) * 100.0,
            if suppressed.is_empty() { "" } else { " \"·\" = withheld for privacy." }
        ),
        None => "No risk assessment in the last 24 months.".into(),
    };
    Ok(Figure {
        title: "Risk by hazard and region".into(),
        reading,
        drawing: Drawing::Heat(Heat {
            columns: named.clone(),
            rows: lines.collect(),
            ends: ("0%".into(), percent(highest)),
            framed: framed(tops),
        }),
        headings: std::iter::once("Hazard".to_owned()).chain(named).collect(),
        rows: hazards
            .iter()
            .map(|(code, values)| {
                std::iter::once(FigureCell::from(context.hazard(code)))
                    .chain(regions.iter().map(|region| {
                        values.get(region).map_or_else(FigureCell::default, |value| {
                            link(
                                format!("{:.0}%", value * 100.0),
                                format!("/records/risk_profile?hazard={code}&region={region}"),
                            )
                        })
                    }))
                    .collect()
            })
            .collect(),
        metric: "risk_profile".into(),
        records: "/records/risk_profile".into(),
        ..Figure::default()
    })
}

/// Returns the meaning of a frame, if a cell has one.
fn framed(tops: &Tops) -> String {
    if tops.values().any(|top| top["covered"] != true) {
        "top-ten risk not exercised in 24 months".into()
    } else {
        String::new()
    }
}

/// Heat map of months since the last exercise, for each region's top risks.
fn grid(context: &PageContext<'_>, tops: &Tops) -> Figure {
    let (regions, unseen): (Vec<String>, Vec<String>) = context
        .shown_regions()
        .into_iter()
        .map(|(code, _)| code)
        .partition(|code| tops.keys().any(|(_, known)| known == code));
    let mut hazards: Vec<&String> = tops.keys().map(|(hazard, _)| hazard).collect();
    hazards.dedup();
    hazards.sort_by_key(|hazard| {
        (
            std::cmp::Reverse(tops.keys().filter(|(known, _)| known == *hazard).count()),
            context.hazard(hazard),
        )
    });
    let months = |value: &Value| {
        value.as_i64().map_or_else(|| "never".to_owned(), |months| months.to_string())
    };
    let lines = hazards.iter().map(|hazard| {
        let cells =
            regions.iter().map(|region| match tops.get(&((*hazard).clone(), region.clone())) {
                Some(top) => HeatCell {
                    // The last shade is for never.
                    level: Some(
                        top["monthsSinceExercise"]
                            .as_f64()
                            .map_or(1.0, |months| (months / (2.0 * WITHIN)).min(0.99)),
                    ),
                    text: months(&top["monthsSinceExercise"]),
                    framed: top["covered"] != true,
                },
                None => HeatCell::default(),
            });
        (context.hazard(hazard), String::new(), cells.collect())
    });
    Figure {
        title: "Months since each top risk was exercised".into(),
        reading: if tops.is_empty() {
            no_top_risks(context).into()
        } else {
            let others = match (unseen.is_empty(), context.viewer.sees_all_detail()) {
                (true, _) => String::new(),
                (_, false) => format!(" {OWN_TOP_RISKS}"),
                (_, true) => {
                    let names: Vec<String> =
                        unseen.iter().map(|code| context.region(code)).collect();
                    format!(" Without a risk assessment: {}.", listed(&names))
                }
            };
            format!(
                "\"Never\": no exercise on record. Blank: not a top-ten risk of this region. The \
                 list below also has the last incidents.{others}"
            )
        },
        drawing: if tops.is_empty() {
            Drawing::None
        } else {
            Drawing::Heat(Heat {
                columns: regions.iter().map(|code| context.region(code)).collect(),
                rows: lines.collect(),
                ends: ("this month".into(), "4 years ago or never".into()),
                framed: framed(tops),
            })
        },
        metric: "hazard_coverage".into(),
        ..Figure::default()
    }
}

fn missing(context: &PageContext<'_>, tops: &Tops) -> Figure {
    let since = |value: &Value| {
        value
            .as_f64()
            .map_or_else(|| "never".to_owned(), |months| counted(months, "month", "months"))
    };
    let mut uncovered: Vec<(&(String, String), &Value)> =
        tops.iter().filter(|(_, top)| top["covered"] != true).collect();
    uncovered.sort_by(|one, two| {
        two.1["risk"]
            .as_f64()
            .unwrap_or_default()
            .total_cmp(&one.1["risk"].as_f64().unwrap_or_default())
    });
    Figure {
        title: "Top risks not exercised within 24 months".into(),
        reading: if tops.is_empty() {
            no_top_risks(context).into()
        } else if uncovered.is_empty() {
            "None.".into()
        } else {
            "The highest first: candidates for the next exercise plan.".into()
        },
        headings: [
            "Hazard",
            "Region",
            "Mean risk",
            "Since the last exercise",
            "Since the last incident",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: uncovered
            .iter()
            .map(|((hazard, region), top)| {
                vec![
                    FigureCell::from(context.hazard(hazard)),
                    link(context.region(region), format!("/regions/{region}")),
                    share_cell(top["risk"].as_f64()),
                    since(&top["monthsSinceExercise"]).into(),
                    since(&top["monthsSinceIncident"]).into(),
                ]
            })
            .collect(),
        metric: "hazard_coverage".into(),
        ..Figure::default()
    }
}
