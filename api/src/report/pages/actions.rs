//! `/actions`: is the improvement plan moving?

use hotwash_metrics::{Dimension, Grain, MetricError, Row};
use serde_json::Value;

use super::{Context, extra, key};
use crate::report::figure::{CurveStep, backlog, bars, curve};
use crate::report::reading::{measured, value};
use crate::report::{Cell, Figure, Page, Section, link, text_of};

/// Steps of a Kaplan–Meier curve among a row's extras.
pub fn steps(row: &Row) -> Vec<CurveStep> {
    let number = |step: &Value, name: &str| step[name].as_f64().unwrap_or_default();
    row.extra
        .get("curve")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|step| (number(step, "time"), number(step, "survival"), number(step, "low"), number(step, "high")))
        .collect()
}

/// The page.
pub fn page(context: &Context<'_>) -> Result<Page, MetricError> {
    let months = context.by("action_backlog", &[], &[], Some(Grain::Quarter))?;
    let course: Vec<(String, f64, f64, f64)> = months
        .iter()
        .map(|row| {
            (
                text_of(row.dimensions.get("period")),
                row.value.unwrap_or_default(),
                extra(row, "opened").unwrap_or_default(),
                extra(row, "closed").unwrap_or_default(),
            )
        })
        .collect();
    let moving = match (course.last(), course.iter().rev().nth(4)) {
        (Some(last), Some(before)) => format!("{:.0} actions are open, {:.0} a year before.", last.1, before.1),
        (Some(last), None) => format!("{:.0} actions are open.", last.1),
        _ => "No actions are known.".into(),
    };
    let closing = context.one("action_time_to_close", &[])?;
    let forecast = context.by("action_forecast", &[Dimension::Region], &[], None)?;
    let overdue = context.by("action_overdue", &[Dimension::Region], &[], None)?;
    let mut lines: Vec<(String, f64, String)> = overdue
        .iter()
        .map(|row| {
            (
                format!("Region {}", key(row, Dimension::Region)),
                row.value.unwrap_or_default(),
                format!("{} of {} open", value(row.value, row.unit), row.n),
            )
        })
        .collect();
    lines.sort_by(|one, two| two.1.total_cmp(&one.1));
    let bands = ["days1To30", "days31To90", "days91To180", "daysOver180"];
    let overdue_rows = overdue.iter().map(|row| {
        let region = key(row, Dimension::Region);
        std::iter::once(link(format!("Region {region}"), format!("/regions/{region}")))
            .chain(bands.iter().map(|band| text_of(row.extra.get(*band)).into()))
            .collect()
    });
    let forecast_rows = forecast.iter().map(|row| {
        let region = key(row, Dimension::Region);
        let date = |name: &str| {
            Some(text_of(row.extra.get(name)))
                .filter(|date| !date.is_empty())
                .unwrap_or_else(|| row.note.clone().unwrap_or_else(|| "–".into()))
        };
        vec![
            link(format!("Region {region}"), format!("/regions/{region}")),
            Cell::from(text_of(row.extra.get("open"))),
            date("date50").into(),
            date("date85").into(),
        ]
    });
    let mut sections = vec![
        Section::Figure(Figure {
            title: "The backlog, with what was opened and closed".into(),
            reading: moving,
            svg: backlog("Open actions by quarter, with opened and closed", &course),
            headings: ["Quarter", "Open", "Opened", "Closed"].map(str::to_owned).to_vec(),
            rows: course
                .iter()
                .map(|(label, open, opened, closed)| {
                    vec![
                        label.as_str().into(),
                        format!("{open:.0}").into(),
                        format!("{opened:.0}").into(),
                        format!("{closed:.0}").into(),
                    ]
                })
                .collect(),
            href: "/metrics/action_backlog".into(),
        }),
        Section::Figure(Figure {
            title: "Overdue by region".into(),
            reading: "Open and past due; by age behind the numbers.".into(),
            svg: bars("Overdue actions by region", &lines),
            headings: ["Region", "1 to 30 days", "31 to 90", "91 to 180", "over 180"].map(str::to_owned).to_vec(),
            rows: overdue_rows.collect(),
            href: "/metrics/action_overdue".into(),
        }),
    ];
    if let Some(row) = &closing {
        let share =
            |name: &str| extra(row, name).map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0));
        let curve_steps = steps(row);
        // A long curve is thinned for the eye; the numbers stay whole in the API.
        let thin = (curve_steps.len() / 150).max(1);
        let shown: Vec<CurveStep> = curve_steps
            .iter()
            .enumerate()
            .filter(|(at, _)| at % thin == 0 || *at == curve_steps.len() - 1)
            .map(|(_, step)| *step)
            .collect();
        sections.insert(
            1,
            Section::Figure(Figure {
                title: "How long fixing takes".into(),
                reading: format!(
                    "Half are closed within {} After 90 days {} are still open, after 180 days {}, after a year {}.",
                    measured(row, "actions"),
                    share("survival90"),
                    share("survival180"),
                    share("survival365")
                ),
                svg: curve("Share of actions still open by days since they were opened", &shown, "days since opened"),
                headings: vec!["Days".into(), "Still open".into()],
                rows: [90, 180, 365]
                    .iter()
                    .map(|days| vec![Cell::from(days.to_string()), share(&format!("survival{days}")).into()])
                    .collect(),
                href: "/metrics/action_time_to_close".into(),
            }),
        );
    }
    sections.push(Section::Table(Figure {
        title: "When the open ones will be done".into(),
        reading: "If closures go on as in the last 26 weeks and nothing new is opened: in half, and in 85 %, of 10,000 draws.".into(),
        headings: ["Region", "Open", "Half of draws by", "85 % by"].map(str::to_owned).to_vec(),
        rows: forecast_rows.collect(),
        href: "/metrics/action_forecast".into(),
        ..Figure::default()
    }));
    Ok(Page {
        path: "/actions".into(),
        title: "Improvement plan".into(),
        question: "Is the improvement plan moving?".into(),
        sections,
    })
}
