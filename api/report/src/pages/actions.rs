//! `/actions`: is the improvement plan moving?

use chrono::NaiveDate;
use hotwash_metrics::{Dimension, Grain, MetricError, MetricRow, Reliability};
use serde_json::Value;

use crate::context::{PageContext, extra, extra_value, key, period, start};
use crate::definition::{ReportPage, Sheet};
use crate::drawing::{Backlog, BandChart, Curve, CurveStep, Drawing};
use crate::page::{Figure, FigureCell, Page, Section, Span, link, text_of};
use crate::parts::action_list;
use crate::parts::marks::{self, TimeLine, slot_of_quarter};
use crate::parts::overdue::BANDS;
use crate::wording::{counted, interval, listed, measured, percent, thousands, value, verb};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Actions"),
    print: Some(Sheet::PLAIN),
    prerendered: true,
    copied: true,
    needs_records: true,
    queries: |context, _| Ok(vec![action_list::query(context), marks::query(context)]),
    ..ReportPage::one("/actions", page)
};

/// Reads the steps of a Kaplan–Meier curve from a row's extra fields.
fn steps(row: &MetricRow) -> Vec<CurveStep> {
    let number = |step: &Value, name: &str| step[name].as_f64().unwrap_or_default();
    extra_value(row, "curve")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|step| {
            (
                number(step, "time"),
                number(step, "survival"),
                number(step, "low"),
                number(step, "high"),
            )
        })
        .collect()
}

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let mut sections: Vec<Section> = vec![
        backlog(context)?.into(),
        closing(context)?.into(),
        overdue(context)?.into(),
        forecast(context)?.into(),
        on_time(context)?.into(),
    ];
    if let Some(answer) = context.answer("actions") {
        sections.extend(action_list::sections(context, answer));
    }
    Ok(Page {
        title: "Improvement plan".into(),
        question: "Is the improvement plan moving?".into(),
        sections,
        by_region: true,
        by_framework: true,
        ..Page::default()
    })
}

fn backlog(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let rows = context.by("action_backlog", &[], &[], Some(Grain::Quarter))?;
    let as_of = context.as_of();
    let rows: Vec<&MetricRow> =
        rows.iter().filter(|row| start(row).is_none_or(|start| start <= as_of)).collect();
    let count = |row: &MetricRow, name: &str| extra(row, name).unwrap_or_default();
    let periods: Vec<(String, f64, f64, f64)> = rows
        .iter()
        .map(|row| {
            let open = row.value.unwrap_or_default();
            (period(row), open, count(row, "opened"), count(row, "closed"))
        })
        .collect();
    let reading = match rows.as_slice() {
        [.., before, one, two, three, last] => {
            let year = [one, two, three, last];
            let sum = |name: &str| year.iter().map(|row| count(row, name)).sum::<f64>();
            balance(before, last, ["opened", "reopened", "closed", "cancelled"].map(sum))
        }
        [.., last] => {
            let open = last.value.unwrap_or_default();
            format!("{} open.", counted(open, "action is", "actions are"))
        }
        [] => context.absence("action_backlog").into(),
    };
    let starts: Vec<NaiveDate> = rows.iter().filter_map(|row| start(row)).collect();
    let line = TimeLine {
        metric: "action_backlog",
        region: context.parameters.region.as_deref(),
        can_rebase: false,
    };
    let (marks, list) = line.marks(context, |day| slot_of_quarter(&starts, day));
    Ok(Figure {
        title: "The backlog".into(),
        reading,
        drawing: Drawing::Backlog(Backlog { periods: periods.clone(), marks }),
        lists: list.into_iter().collect(),
        headings: ["Quarter", "Open at its end", "Opened", "Closed"].map(str::to_owned).to_vec(),
        rows: periods
            .iter()
            .rev()
            .map(|(label, open, opened, closed)| {
                vec![
                    label.as_str().into(),
                    thousands(*open).into(),
                    thousands(*opened).into(),
                    thousands(*closed).into(),
                ]
            })
            .collect(),
        metric: "action_backlog".into(),
        records: "/actions".into(),
        ..Figure::default()
    })
}

/// States how many actions are open now and before, and the changes that explain the difference.
fn balance(before: &MetricRow, last: &MetricRow, flows: [f64; 4]) -> String {
    let [opened, reopened, closed, canceled] = flows;
    let mut changes = vec![format!("{} {} opened", thousands(opened), verb(opened, "was", "were"))];
    let more = [(reopened, "reopened"), (closed, "closed"), (canceled, "canceled")];
    let more = more.iter().filter(|(count, _)| *count > 0.0);
    changes.extend(more.map(|(count, what)| format!("{} {what}", thousands(*count))));
    format!(
        "{} open. Since the end of {}, when {} open, {}.",
        counted(last.value.unwrap_or_default(), "action is", "actions are"),
        period(before),
        counted(before.value.unwrap_or_default(), "was", "were"),
        listed(&changes)
    )
}

fn closing(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let Some(row) = context.one("action_time_to_close", &[])? else {
        return Ok(Figure {
            title: "How long does it take to close an action?".into(),
            reading: context.absence("action_time_to_close").into(),
            ..Figure::default()
        });
    };
    let share = |name: &str| extra(&row, name).map_or_else(|| "–".to_owned(), percent);
    let all = steps(&row);
    // Drop steps that are too close to see; the API returns all of them.
    let thin = (all.len() / 150).max(1);
    let shown = all
        .iter()
        .enumerate()
        .filter(|(at, _)| at % thin == 0 || *at == all.len() - 1)
        .map(|(_, step)| *step);
    let reading = match row.reliability {
        _ if row.is_judged() && row.value.is_some() => format!(
            "Half are closed within {} ({}), of {}. After 90 days, {} are still open; \
             after 180 days, {}; after a year, {}.",
            counted(row.value.unwrap_or_default().round(), "day", "days"),
            interval(&row),
            counted(row.n as f64, "action", "actions"),
            share("survival90"),
            share("survival180"),
            share("survival365")
        ),
        _ => measured(&row, "actions"),
    };
    Ok(Figure {
        title: "How long does it take to close an action?".into(),
        reading,
        drawing: Drawing::Curve(Curve {
            steps: shown.collect(),
            unit: "days since opened; share still open, with its 95% band".into(),
            half: row.value.map(|days| (days, format!("half by day {days:.0}"))),
            until: 730.0,
        }),
        headings: vec!["Days".into(), "Still open".into()],
        rows: [90, 180, 365]
            .iter()
            .filter(|_| row.reliability != Reliability::Suppressed)
            .map(|days| {
                vec![FigureCell::from(days.to_string()), share(&format!("survival{days}")).into()]
            })
            .collect(),
        metric: "action_time_to_close".into(),
        records: "/records/action_time_to_close".into(),
        span: Span::Half,
        ..Figure::default()
    })
}

fn overdue(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let mut rows = context.by("action_overdue", &[Dimension::Region], &[], None)?;
    rows.sort_by(|one, two| {
        two.value.unwrap_or_default().total_cmp(&one.value.unwrap_or_default())
    });
    let counts = |row: &MetricRow| BANDS.map(|(_, name)| extra(row, name).unwrap_or_default());
    let lines = rows.iter().map(|row| {
        (
            context.region(&key(row, Dimension::Region)),
            counts(row).to_vec(),
            match row.value {
                Some(_) => format!("{} of {}", value(row.value, row.unit), row.n),
                None => "suppressed".to_owned(),
            },
        )
    });
    let is_partial = rows.iter().any(|row| row.value.is_none());
    let of = if is_partial { " of the regions shown" } else { "" };
    let (late, open) = rows.iter().fold((0.0, 0.0), |(late, open), row| {
        (late + row.value.unwrap_or_default(), open + row.n as f64)
    });
    let oldest: f64 = rows.iter().map(|row| counts(row)[3]).sum();
    Ok(Figure {
        title: "Overdue, by age".into(),
        reading: if open == 0.0 {
            "No action is open.".into()
        } else {
            format!(
                "{} of {}{of} {} overdue, {} of them for more than half a year.",
                thousands(late),
                counted(open, "open action", "open actions"),
                verb(late, "is", "are"),
                thousands(oldest)
            )
        },
        drawing: Drawing::Bands(BandChart {
            parts: BANDS.map(|(label, _)| label.to_owned()).to_vec(),
            lines: lines.collect(),
        }),
        headings: ["Region", "1 to 30 days", "31 to 90", "91 to 180", "over 180"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                std::iter::once(link(
                    context.region(&region),
                    format!("/actions?region={region}&due=overdue"),
                ))
                .chain(counts(row).iter().map(|count| match row.value {
                    Some(_) => thousands(*count).into(),
                    None => "–".into(),
                }))
                .collect()
            })
            .collect(),
        metric: "action_overdue".into(),
        records: "/actions?due=overdue".into(),
        span: Span::Half,
        ..Figure::default()
    })
}

fn forecast(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let rows = context.by("action_forecast", &[Dimension::Region], &[], None)?;
    let sure = rows.iter().filter(|row| row.is_judged() && row.value.is_some()).count();
    Ok(Figure {
        title: "When will the backlog be cleared?".into(),
        reading: if rows.is_empty() {
            "No action is open.".into()
        } else if sure == 0 {
            "Not enough data: too few of the last 26 weeks had closures, in every region.".into()
        } else {
            "Forecast if closures continue as in the last 26 weeks and no action is opened. \
             Likely: half of 10,000 simulations are done; almost certainly: 85% are."
                .into()
        },
        headings: ["Region", "Open", "Likely by", "Almost certainly by"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                let date = |name: &str| {
                    if row.reliability == Reliability::Suppressed {
                        return "suppressed".to_owned();
                    }
                    Some(text_of(extra_value(row, name)))
                        .filter(|date| !date.is_empty())
                        .unwrap_or_else(|| row.note.clone().unwrap_or_else(|| "–".into()))
                };
                vec![
                    link(context.region(&region), format!("/regions/{region}")),
                    FigureCell::from(text_of(extra_value(row, "open"))),
                    date("date50").into(),
                    date("date85").into(),
                ]
            })
            .collect(),
        metric: "action_forecast".into(),
        records: "/records/action_forecast".into(),
        span: Span::Half,
        ..Figure::default()
    })
}

fn on_time(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let rows = context.by("action_on_time", &[Dimension::Region], &[], None)?;
    let slipped = context.by("action_slippage", &[Dimension::Region], &[], None)?;
    let validated = context.by("action_validation", &[Dimension::Region], &[], None)?;
    let of = |rows: &[MetricRow], region: &str| {
        rows.iter().find(|row| key(row, Dimension::Region) == region).cloned()
    };
    Ok(Figure {
        title: "On time, rescheduled, validated".into(),
        reading: "Completed by the first due date; due dates moved; validated, of the actions \
            completed at least a year ago."
            .into(),
        headings: ["Region", "On time", "Due date moved", "Validated"].map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                // A figure without records has none to link to.
                let short = |row: Option<MetricRow>, metric: &str| {
                    let Some(row) = row.filter(|row| row.n > 0) else { return "–".into() };
                    let text = match row.is_judged() {
                        true => format!("{} ({})", value(row.value, row.unit), interval(&row))
                            .replace(" ()", ""),
                        false => measured(&row, "actions"),
                    };
                    link(text, format!("/records/{metric}?region={region}"))
                };
                let moved = of(&slipped, &region).and_then(|row| extra(&row, "shareMoved"));
                vec![
                    link(context.region(&region), format!("/regions/{region}")),
                    short(Some(row.clone()), "action_on_time"),
                    moved.map_or_else(|| "–".to_owned(), percent).into(),
                    short(of(&validated, &region), "action_validation"),
                ]
            })
            .collect(),
        metric: "action_on_time".into(),
        records: "/records/action_on_time".into(),
        span: Span::Half,
        ..Figure::default()
    })
}
