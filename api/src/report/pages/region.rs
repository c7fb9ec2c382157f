//! `/regions/{code}`: how is this region doing, against the state?

use hotwash_metrics::{Dimension, MetricError, compare_regions};
use serde_json::Value;

use super::{Context, extra, key, overview};
use crate::report::figure::{Dot, Heat, bars, dots, heat};
use crate::report::reading::{capability, interval, measured, value};
use crate::report::{Cell, Figure, Page, Section, link, text_of};

/// The page.
pub fn page(context: &Context<'_>, code: &str, name: &str) -> Result<Page, MetricError> {
    Ok(Page {
        path: format!("/regions/{code}"),
        title: format!("Region {code}: {name}"),
        question: "How is this region doing, against the state?".into(),
        sections: vec![
            Section::Tiles(overview::tiles(context, &[(Dimension::Region, code)])?),
            against(context, code)?,
            capabilities(context, code)?,
            risks(context, code)?,
            overdue(context, code)?,
            repeats(context, code)?,
        ],
    })
}

fn against(context: &Context<'_>, code: &str) -> Result<Section, MetricError> {
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for (id, label) in [
        ("capability_performance", "Rated P or S"),
        ("action_closure", "Actions closed"),
        ("action_on_time", "Actions on time"),
        ("aar_timeliness", "Reports in 60 days"),
        ("participation", "Taking part"),
        ("resource_fill", "Resources filled"),
    ] {
        let compared = compare_regions(context.snapshot, id, &context.ask(), context.viewer)?;
        let Some(one) = compared.iter().find(|one| one.region == code) else { continue };
        lines.push(Dot {
            label: label.into(),
            value: one.row.value,
            interval: one.row.ci_low.zip(one.row.ci_high),
            funnel: one.wide_funnel,
            said: value(one.row.value, one.row.unit),
            hollow: one.standing == "TOO_FEW",
        });
        let standing = match one.standing {
            "ABOVE" => "above what chance explains",
            "BELOW" => "below what chance explains",
            "WITHIN" => "within chance of the state",
            "TOO_FEW" => "too few to judge",
            _ => "not compared",
        };
        rows.push(vec![
            link(label, format!("/metrics/{id}")),
            measured(&one.row, "records").into(),
            value(one.state, one.row.unit).into(),
            standing.into(),
        ]);
    }
    let outside =
        rows.iter().filter(|row| row[3].text.starts_with("above") || row[3].text.starts_with("below")).count();
    Ok(Section::Figure(Figure {
        title: "Beside the state".into(),
        reading: if outside == 0 {
            "All figures lie within what chance explains around the state's (grey, 99.8 %).".into()
        } else {
            format!(
                "{outside} of {} figures lie outside what chance explains around the state's (grey, 99.8 %).",
                rows.len()
            )
        },
        svg: dots("The region's figures beside the state's", &lines, None),
        headings: ["Figure", "Region", "State", "Standing"].map(str::to_owned).to_vec(),
        rows,
        href: String::new(),
    }))
}

fn capabilities(context: &Context<'_>, code: &str) -> Result<Section, MetricError> {
    let rows = context.by("capability_performance", &[Dimension::Capability], &[(Dimension::Region, code)], None)?;
    let strip: Vec<(String, Vec<Heat>)> = rows
        .iter()
        .map(|row| {
            let name = capability(&key(row, Dimension::Capability), context.names());
            let short: String =
                if name.chars().count() > 30 { name.chars().take(28).collect::<String>() + "…" } else { name };
            (
                short,
                vec![
                    Heat {
                        level: row.value,
                        said: format!("{} of {}", value(row.value, row.unit), row.n),
                        framed: false,
                    },
                    Heat { level: None, said: interval(row), framed: false },
                ],
            )
        })
        .collect();
    let table = rows.iter().map(|row| {
        let code = key(row, Dimension::Capability);
        vec![
            link(capability(&code, context.names()), format!("/capabilities/{}", code.replace(':', "/"))),
            measured(row, "ratings").into(),
        ]
    });
    Ok(Section::Figure(Figure {
        title: "Capabilities".into(),
        reading: "Share of ratings P or S by capability, with its 95 % interval; darker is higher.".into(),
        svg: heat("Share of ratings P or S by capability", &["P or S".into(), "95 % interval".into()], &strip),
        headings: vec!["Capability".into(), "Rated P or S".into()],
        rows: table.collect(),
        href: "/metrics/capability_performance".into(),
    }))
}

fn risks(context: &Context<'_>, code: &str) -> Result<Section, MetricError> {
    let row =
        context.by("hazard_coverage", &[Dimension::Region], &[(Dimension::Region, code)], None)?.into_iter().next();
    let list =
        row.as_ref().and_then(|row| row.extra.get("hazards")).and_then(Value::as_array).cloned().unwrap_or_default();
    let months =
        |value: &Value| value.as_i64().map_or_else(|| "never".to_owned(), |months| format!("{months} months ago"));
    let rows = list.iter().map(|hazard| {
        vec![
            Cell::from(text_of(hazard.get("rank"))),
            context.hazard(hazard["hazard"].as_str().unwrap_or_default()).into(),
            format!("{:.0} %", hazard["risk"].as_f64().unwrap_or_default() * 100.0).into(),
            months(&hazard["monthsSinceExercise"]).into(),
            months(&hazard["monthsSinceIncident"]).into(),
            if hazard["covered"] == true { "covered" } else { "not covered" }.into(),
        ]
    });
    let uncovered: Vec<String> = list
        .iter()
        .filter(|hazard| hazard["covered"] != true)
        .map(|hazard| context.hazard(hazard["hazard"].as_str().unwrap_or_default()))
        .collect();
    Ok(Section::Table(Figure {
        title: "Top risks, and whether they were exercised".into(),
        reading: match (list.is_empty(), uncovered.len()) {
            (true, _) => "No risk assessment of the last 24 months is known.".into(),
            (false, 0) => "All top risks were exercised within 24 months.".into(),
            (false, count) => format!(
                "{count} of {} top risks were not exercised within 24 months: {}.",
                list.len(),
                uncovered.join(", ")
            ),
        },
        headings: ["Rank", "Hazard", "Mean risk", "Last exercise", "Last incident", "Within 24 months"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
        href: "/metrics/hazard_coverage".into(),
        ..Figure::default()
    }))
}

fn overdue(context: &Context<'_>, code: &str) -> Result<Section, MetricError> {
    let row = context.one("action_overdue", &[(Dimension::Region, code)])?;
    let bands = [
        ("1 to 30 days", "days1To30"),
        ("31 to 90 days", "days31To90"),
        ("91 to 180 days", "days91To180"),
        ("over 180 days", "daysOver180"),
    ];
    let lines: Vec<(String, f64, String)> = bands
        .iter()
        .map(|(label, name)| {
            let count = row.as_ref().and_then(|row| extra(row, name)).unwrap_or_default();
            ((*label).to_owned(), count, format!("{count:.0}"))
        })
        .collect();
    let closing = context.one("action_time_to_close", &[(Dimension::Region, code)])?;
    let reading = match (&row, &closing) {
        (Some(row), Some(closing)) => format!(
            "{} of {} open actions are overdue. Half are closed within {}.",
            value(row.value, row.unit),
            row.n,
            value(closing.value, closing.unit)
        ),
        _ => "No open actions.".into(),
    };
    Ok(Section::Figure(Figure {
        title: "Overdue actions by age".into(),
        reading,
        svg: bars("Overdue actions by age", &lines),
        headings: vec!["Past due".into(), "Actions".into()],
        rows: lines.into_iter().map(|(label, _, said)| vec![label.into(), said.into()]).collect(),
        href: "/metrics/action_overdue".into(),
    }))
}

fn repeats(context: &Context<'_>, code: &str) -> Result<Section, MetricError> {
    let row = context.one("repeat_findings", &[(Dimension::Region, code)])?;
    Ok(Section::Text(match row {
        Some(row) => format!(
            "Repeat findings: {} {} came back after an action had been completed, {} while actions were still open, {} had never been acted on.",
            measured(&row, "areas for improvement repeat an earlier one"),
            extra(&row, "relapse").unwrap_or_default(),
            extra(&row, "stillOpen").unwrap_or_default(),
            extra(&row, "neverActioned").unwrap_or_default()
        ),
        None => "No areas for improvement are known.".into(),
    }))
}
