//! `/response`: how fast are we, and is it stable?

use hotwash_metrics::{Dimension, MetricError};
use serde_json::Value;

use super::{Context, extra, key};
use crate::report::figure::{Dot, control, dots};
use crate::report::reading::{measured, value};
use crate::report::{Cell, Figure, Page, Section, link, text_of};

/// The page.
pub fn page(context: &Context<'_>) -> Result<Page, MetricError> {
    let times = context.by("response_time", &[Dimension::Region], &[], None)?;
    let lines: Vec<Dot> = times
        .iter()
        .map(|row| Dot {
            label: format!("Region {}", key(row, Dimension::Region)),
            value: row.value,
            interval: row.ci_low.zip(row.ci_high),
            funnel: None,
            said: value(row.value, row.unit),
            hollow: row.reliability != hotwash_metrics::Reliability::Ok,
        })
        .collect();
    let mut sections = vec![Section::Figure(Figure {
        title: "From notification to activation".into(),
        reading: "Median minutes with 95 % interval; pairs never completed are counted as lasting at least as long as they were watched.".into(),
        svg: dots("Median minutes from notification to activation", &lines, None),
        headings: ["Region", "Median", "90th percentile", "Never completed", "Within 60 minutes"].map(str::to_owned).to_vec(),
        rows: times
            .iter()
            .map(|row| {
                vec![
                    link(format!("Region {}", key(row, Dimension::Region)), format!("/regions/{}", key(row, Dimension::Region))),
                    measured(row, "pairs").into(),
                    text_of(row.extra.get("p90")).into(),
                    text_of(row.extra.get("incomplete")).into(),
                    extra(row, "withinTarget").map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default().into(),
                ]
            })
            .collect(),
        href: "/metrics/response_time".into(),
    })];
    for row in context.by("response_control", &[Dimension::Region], &[], None)? {
        let region = key(&row, Dimension::Region);
        let list = row.extra.get("points").and_then(Value::as_array).cloned().unwrap_or_default();
        let marked = |point: &Value| point["signals"].as_array().is_some_and(|signals| !signals.is_empty());
        let points: Vec<(f64, bool)> =
            list.iter().map(|point| (point["value"].as_f64().unwrap_or_default(), marked(point))).collect();
        let signals = points.iter().filter(|(_, marked)| *marked).count();
        let reading = match text_of(row.extra.get("verdict")).as_str() {
            "STABLE" => format!("Stable: {} times, none beyond the limits and no run.", points.len()),
            "SIGNALS" => format!("{signals} of {} points carry a signal: ask what was different then.", points.len()),
            _ => format!("Too few to judge ({} of 8 points needed).", points.len()),
        };
        let table = list.iter().filter(|point| marked(point)).map(|point| {
            let names = point["signals"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(|name| name.to_lowercase().replace('_', " "))
                .collect::<Vec<_>>()
                .join(", ");
            vec![
                link(
                    text_of(point.get("at")).chars().take(10).collect::<String>(),
                    format!("/events/{}", text_of(point.get("event"))),
                ),
                Cell::from(format!("{} min", text_of(point.get("value")))),
                names.into(),
            ]
        });
        sections.push(Section::Figure(Figure {
            title: format!("Region {region}: minutes to activation, in time order"),
            reading,
            svg: control(
                &format!("Control chart of region {region}"),
                &points,
                row.value.unwrap_or_default(),
                extra(&row, "lower").zip(extra(&row, "upper")),
            ),
            headings: vec!["Day".into(), "Time".into(), "Signals".into()],
            rows: table.collect(),
            href: "/metrics/response_control".into(),
        }));
    }
    let fills = context.by("resource_fill", &[Dimension::Region], &[], None)?;
    sections.push(Section::Table(Figure {
        title: "Resources asked for and filled".into(),
        reading: "Quantities filled of those asked; the median time to fill counts what is still open.".into(),
        headings: ["Region", "Filled", "In full", "On time", "Median minutes"].map(str::to_owned).to_vec(),
        rows: fills
            .iter()
            .map(|row| {
                let share =
                    |name: &str| extra(row, name).map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default();
                vec![
                    format!("Region {}", key(row, Dimension::Region)).into(),
                    measured(row, "requests").into(),
                    share("shareFull").into(),
                    share("onTime").into(),
                    text_of(row.extra.get("medianMinutes")).into(),
                ]
            })
            .collect(),
        href: "/metrics/resource_fill".into(),
        ..Figure::default()
    }));
    Ok(Page {
        path: "/response".into(),
        title: "Response".into(),
        question: "How fast are we, and is it stable?".into(),
        sections,
    })
}
