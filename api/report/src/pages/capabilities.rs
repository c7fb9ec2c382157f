//! `/capabilities`: where are we weak, and is it getting better?

use hotwash_metrics::{Dimension, MetricError, MetricRow, Reliability, Unit};
use serde_json::Value;

use crate::context::{PageContext, extra_value, key};
use crate::definition::{ReportPage, Sheet};
use crate::drawing::{Dot, Dots, Drawing, Heat, HeatCell, shares_ends};
use crate::page::{Figure, FigureCell, Page, Section, link};
use crate::wording::{capability, listed, measured, percent, spelled, trend, value};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Capabilities"),
    print: Some(Sheet::PLAIN),
    prerendered: true,
    copied: true,
    needs_records: true,
    ..ReportPage::one("/capabilities", page)
};

/// Builds the page of all rated capabilities.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let mut rows = context.by("capability_performance", &[Dimension::Capability], &[], None)?;
    rows.sort_by(|one, two| one.value.unwrap_or(2.0).total_cmp(&two.value.unwrap_or(2.0)));
    let trends = context.rows(
        "capability_trend",
        &context.five_years("capability_trend", &[Dimension::Capability]),
    )?;
    let named = |row: &MetricRow| capability(&key(row, Dimension::Capability), context.names());
    let lines = rows.iter().map(|row| Dot {
        label: named(row),
        value: row.value,
        interval: row.ci_low.zip(row.ci_high),
        text: value(row.value, row.unit),
        hollow: row.reliability != Reliability::Ok,
        ..Dot::default()
    });
    let state = context.one("capability_performance", &[])?.and_then(|row| row.value);
    let weak: Vec<String> = rows
        .iter()
        .filter(|row| {
            row.is_judged() && row.ci_high.zip(state).is_some_and(|(high, state)| high < state)
        })
        .map(&named)
        .collect();
    let moving: Vec<String> = trends
        .iter()
        .filter(|row| extra_value(row, "significantInList") == Some(&true.into()))
        .map(|row| {
            let verdict = crate::page::text_of(extra_value(row, "verdict")).to_lowercase();
            format!("{} ({verdict})", named(row))
        })
        .collect();
    let table = rows.iter().map(|row| {
        let code = key(row, Dimension::Capability);
        let course = trends
            .iter()
            .find(|trend| key(trend, Dimension::Capability) == code)
            .map(|row| trend(row).sentence)
            .unwrap_or_default();
        vec![
            link(named(row), format!("/capabilities/{}", code.replace(':', "/"))),
            link(
                measured(row, "ratings"),
                format!("/records/capability_performance?capability={code}"),
            ),
            FigureCell::from(course),
        ]
    });
    let table: Vec<Vec<FigureCell>> = table.collect();
    Ok(Page {
        title: "Capabilities".into(),
        question: "Where are we weak, and is it getting better?".into(),
        sections: vec![
            Section::Lead(if rows.is_empty() {
                context.absence("capability_performance").to_owned()
            } else {
                format!(
                    "{} {}",
                    if weak.is_empty() {
                        "No capability is clearly below average.".to_owned()
                    } else {
                        format!("Clearly below average: {}.", listed(&weak))
                    },
                    if moving.is_empty() {
                        unclear_trends(&trends)
                    } else {
                        format!(
                            "Clear trends, after correction for the number tested: {}.",
                            listed(&moving)
                        )
                    }
                )
            }),
            Figure {
                title: "Share of ratings that were P or S, weakest first".into(),
                reading: "Bars show 95% ranges. Where they overlap widely, the order means little."
                    .into(),
                drawing: Drawing::Dots(Dots {
                    lines: lines.collect(),
                    reference: state.map(|share| (share, format!("All {}", percent(share)))),
                    unit: Unit::Share,
                    compared_with: String::new(),
                }),
                metric: "capability_performance".into(),
                records: "/records/capability_performance".into(),
                ..Figure::default()
            }
            .into(),
            by_region(context, &rows)?.into(),
            Figure {
                title: "Each capability".into(),
                reading: "Trends are Mann-Kendall tests of the quarterly share.".into(),
                headings: ["Capability", "Performed well (P or S)", "Trend"]
                    .map(str::to_owned)
                    .to_vec(),
                rows: table,
                metric: "capability_trend".into(),
                ..Figure::default()
            }
            .into(),
        ],
        by_region: true,
        by_framework: true,
        ..Page::default()
    })
}

/// Heat map of capabilities by region.
fn by_region(context: &PageContext<'_>, order: &[MetricRow]) -> Result<Figure, MetricError> {
    let rows = context.by(
        "capability_performance",
        &[Dimension::Capability, Dimension::Region],
        &[],
        None,
    )?;
    let regions: Vec<String> = context.shown_regions().into_iter().map(|(code, _)| code).collect();
    let lines = order.iter().map(|row| {
        let code = key(row, Dimension::Capability);
        let cells = regions.iter().map(|region| {
            let row = rows.iter().find(|row| {
                key(row, Dimension::Capability) == code && key(row, Dimension::Region) == *region
            });
            let judged = row.filter(|row| row.is_judged()).and_then(|row| row.value);
            HeatCell {
                level: judged,
                text: match row {
                    Some(row) if row.reliability == Reliability::Suppressed => "·".into(),
                    Some(row) => judged.map_or_else(|| format!("n {}", row.n), percent),
                    None => String::new(),
                },
                framed: false,
            }
        });
        (
            capability(&code, context.names()),
            format!("/capabilities/{}", code.replace(':', "/")),
            cells.collect(),
        )
    });
    Ok(Figure {
        title: "Capability by region".into(),
        reading:
            "Share of ratings that were P or S. \"n\" = too few to judge; \"·\" = withheld for \
            privacy."
                .into(),
        drawing: Drawing::Heat(Heat {
            columns: regions.iter().map(|code| context.region(code)).collect(),
            rows: lines.collect(),
            ends: shares_ends(),
            ..Heat::default()
        }),
        metric: "capability_performance".into(),
        ..Figure::default()
    })
}

/// States that no trend is clear, and what the trends of the table are worth then.
fn unclear_trends(trends: &[MetricRow]) -> String {
    let moving = |row: &&MetricRow| {
        let verdict = extra_value(row, "verdict").and_then(Value::as_str);
        verdict.is_some_and(|verdict| ["IMPROVING", "DECLINING"].contains(&verdict))
    };
    let tested = trends.iter().filter(|row| row.value.is_some()).count();
    match trends.iter().filter(moving).count() {
        0 => "None shows a clear trend.".to_owned(),
        1 => {
            format!("No trend is clear: among {tested} capabilities, the one below may be chance.")
        }
        count => format!(
            "No trend is clear: among {tested} capabilities, the {} below may be chance.",
            spelled(count)
        ),
    }
}
