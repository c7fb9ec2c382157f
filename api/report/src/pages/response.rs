//! `/response`: how fast are we, and is it stable? Small multiples of control charts, after the
//! NHS's "Making Data Count".

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use hotwash_metrics::{Dimension, MetricError, MetricQuery, MetricRow, Reliability, Unit};
use hotwash_schema::global_id::global_id;
use serde_json::Value;

use crate::context::{PageContext, extra, extra_value, key};
use crate::definition::{ReportPage, Sheet};
use crate::drawing::{Control, ControlPart, ControlPoint, Dot, Dots, Drawing, Icon};
use crate::page::{Figure, FigureCell, FigureList, Page, Section, Span, link, text_of};
use crate::parts::marks::{self, TimeLine, slot_of_point};
use crate::query::PageQuery;
use crate::wording::{
    self, assurance, measured, percent, readable, signal, stability, thousands, value,
};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Response"),
    print: Some(Sheet::PLAIN),
    prerendered: true,
    copied: true,
    queries: |context, _| queries(context),
    ..ReportPage::one("/response", page)
};

/// Pairs of milestones: from, to, label. The first has a target.
const PAIRS: [(&str, &str, &str); 6] = [
    ("notified", "activated", "Notification to activation"),
    ("notified", "acknowledged", "Notification to acknowledgment"),
    ("activated", "first_sitrep", "Activation to first situation report"),
    ("activated", "eei_collected", "Activation to essential elements collected"),
    ("resource_requested", "resource_filled", "Resource requested to filled"),
    ("notified", "staff_assembled", "Notification to staff assembled"),
];

/// Maximum number of points in a chart. The last ones are drawn; limits and signals use all.
const DRAWN: usize = 60;

/// Maximum number of signals listed below a chart.
const LISTED: usize = 5;

/// A control chart of the page.
struct Chart {
    title: String,
    /// Code of its region; none for all that are shown.
    region: Option<String>,
    target: Option<f64>,
    records: String,
    /// Rows of the parts: one, or those before and since the day of the rebase.
    rows: Vec<MetricRow>,
}

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let target = target()?;
    let place = place(context, "the entire state");
    let mut sections = vec![times(context, target)?.into()];
    for (title, reading, charts) in [
        (
            "Notification to activation by region",
            format!(
                "Each dot is one event, in time order. The band shows normal variation. The \
                 dashed line is the target of {target:.0} minutes."
            ),
            by_region(context)?,
        ),
        (
            "Each pair of milestones",
            format!(
                "The same chart for {place}, in minutes. An unusual response is a reason to ask."
            ),
            by_pair(context)?,
        ),
    ] {
        if !charts.is_empty() {
            sections.push(Section::Heading(title.into(), reading));
            sections.extend(charts.into_iter().map(|one| chart(context, one).into()));
        }
    }
    sections.push(fills(context)?.into());
    Ok(Page {
        title: "Response".into(),
        question: "How fast are we, and is it stable?".into(),
        sections,
        by_region: true,
        by_framework: false,
        ..Page::default()
    })
}

/// Names the chosen region, or the state by this name.
fn place(context: &PageContext<'_>, state: &str) -> String {
    let region = context.parameters.region.as_ref();
    region.map_or_else(|| state.to_owned(), |code| context.region(code))
}

/// Returns the target of the first pair in minutes.
fn target() -> Result<f64, MetricError> {
    let parameters = hotwash_metrics::find("response_time")?.definition().parameters;
    let target = parameters.iter().find(|parameter| parameter.name == "target");
    Ok(target.and_then(|target| target.default_value().as_f64()).unwrap_or(60.0))
}

/// Returns the charts of the first pair by region.
fn by_region(context: &PageContext<'_>) -> Result<Vec<Chart>, MetricError> {
    let target = target()?;
    let mut charts: BTreeMap<String, Chart> = BTreeMap::new();
    for row in control(context, PAIRS[0], &[Dimension::Region])? {
        let code = key(&row, Dimension::Region);
        let chart = charts.entry(code.clone()).or_insert_with(|| Chart {
            title: context.region(&code),
            region: Some(code.clone()),
            target: Some(target),
            records: format!("/records/response_control?region={code}"),
            rows: Vec::new(),
        });
        chart.rows.push(row);
    }
    Ok(charts.into_values().collect())
}

/// Returns a chart for each pair of milestones.
fn by_pair(context: &PageContext<'_>) -> Result<Vec<Chart>, MetricError> {
    let target = target()?;
    let mut charts = Vec::new();
    for pair in PAIRS {
        let rows = control(context, pair, &[])?;
        if !rows.is_empty() {
            charts.push(Chart {
                title: pair.2.to_owned(),
                region: context.parameters.region.clone(),
                target: (pair == PAIRS[0]).then_some(target),
                records: "/records/response_control".into(),
                rows,
            });
        }
    }
    Ok(charts)
}

/// Returns the queries for marks, and for the events of the signals that are listed.
///
/// # Errors
/// Fails when the charts cannot be computed.
fn queries(context: &PageContext<'_>) -> Result<Vec<PageQuery>, MetricError> {
    let charts: Vec<Chart> = by_region(context)?.into_iter().chain(by_pair(context)?).collect();
    let events: BTreeSet<i64> = charts
        .iter()
        .flat_map(|chart| latest_signals(&chart.rows))
        .filter_map(|point| point["event"].as_i64())
        .collect();
    let nodes: Vec<String> = events
        .into_iter()
        .map(|id| {
            format!("e{id}: node(id: \"{}\") {{ ... on Event {{ name }} }}", global_id("Event", id))
        })
        .collect();
    let mut queries = vec![marks::query(context)];
    if !nodes.is_empty() {
        let query = format!("{{ {} }}", nodes.join(" "));
        queries.push(PageQuery { name: "signals", query });
    }
    Ok(queries)
}

/// Computes the rows of control charts; before and since the day of a rebase, if one is chosen.
fn control(
    context: &PageContext<'_>,
    pair: (&str, &str, &str),
    group_by: &[Dimension],
) -> Result<Vec<MetricRow>, MetricError> {
    let mut metric_query = MetricQuery {
        group_by: Some(group_by.to_vec()),
        ..context.metric_query("response_control")
    };
    metric_query.parameters.insert("fromMilestone".into(), pair.0.into());
    metric_query.parameters.insert("toMilestone".into(), pair.1.into());
    metric_query.parameters.insert("last".into(), DRAWN.into());
    let (from, to) = (metric_query.from, metric_query.to);
    let is_within =
        |day: &NaiveDate| from.is_none_or(|from| from < *day) && to.is_none_or(|to| *day <= to);
    let queries = match context.parameters.rebase.filter(is_within) {
        Some(day) => vec![
            MetricQuery { to: day.pred_opt(), ..metric_query.clone() },
            MetricQuery { from: Some(day), ..metric_query },
        ],
        None => vec![metric_query],
    };
    let mut rows = Vec::new();
    for query in &queries {
        rows.extend(context.rows("response_control", query)?);
    }
    rows.retain(|row| row.n > 0);
    Ok(rows)
}

fn times(context: &PageContext<'_>, target: f64) -> Result<Figure, MetricError> {
    let rows = context.by("response_time", &[Dimension::Region], &[], None)?;
    let lines = rows.iter().map(|row| Dot {
        label: context.region(&key(row, Dimension::Region)),
        value: row.value,
        interval: row.ci_low.zip(row.ci_high),
        text: value(row.value, row.unit),
        hollow: row.reliability != Reliability::Ok,
        ..Dot::default()
    });
    let state = context.one("response_time", &[])?;
    let reading = state.as_ref().filter(|row| row.value.is_some()).map_or_else(
        || "No notification and activation times to the minute on record.".to_owned(),
        |row| {
            format!(
                "Half are activated within {} ({}). Medians with 95% ranges. Events not yet \
                 activated count as still waiting.",
                value(row.value, row.unit),
                place(context, "entire state")
            )
        },
    );
    Ok(Figure {
        title: "From notification to activation".into(),
        reading,
        drawing: Drawing::Dots(Dots {
            lines: lines.collect(),
            reference: state
                .and_then(|row| row.value)
                .map(|median| (median, format!("{} {median:.0} min", place(context, "State")))),
            unit: Unit::Minutes,
            compared_with: String::new(),
        }),
        headings: [
            "Region",
            "Median",
            "90th percentile",
            "Never completed",
            &format!("Within {target:.0} minutes"),
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                vec![
                    link(context.region(&region), format!("/regions/{region}")),
                    link(measured(row, "pairs"), format!("/records/response_time?region={region}")),
                    extra(row, "p90")
                        .map_or_else(|| "–".to_owned(), |p90| format!("{} min", thousands(p90)))
                        .into(),
                    extra(row, "incomplete").map(thousands).unwrap_or_default().into(),
                    extra(row, "withinTarget").map(percent).unwrap_or_default().into(),
                ]
            })
            .collect(),
        metric: "response_time".into(),
        records: "/records/response_time".into(),
        ..Figure::default()
    })
}

/// Points of a row, in time order.
fn points(row: &MetricRow) -> impl Iterator<Item = &Value> {
    extra_value(row, "points").and_then(Value::as_array).into_iter().flatten()
}

/// Names of a point's signals, in words.
fn signals(point: &Value) -> Vec<String> {
    let names = point["signals"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.map(signal).collect()
}

/// Day of a point, for readers.
fn day_of(point: &Value) -> String {
    readable(text_of(point.get("at")).chars().take(10).collect())
}

/// Minutes of a point, for readers.
fn minutes(point: &Value) -> String {
    thousands(point["value"].as_f64().unwrap_or_default())
}

/// Returns the latest points with signals that are listed, the newest first.
fn latest_signals(rows: &[MetricRow]) -> Vec<&Value> {
    let mut marked: Vec<&Value> =
        rows.iter().flat_map(points).filter(|point| !signals(point).is_empty()).collect();
    marked.reverse();
    marked.truncate(LISTED);
    marked
}

/// Returns the list of signals below a chart: day, time and name of each event, with a link.
fn signal_list(context: &PageContext<'_>, rows: &[MetricRow]) -> Option<FigureList> {
    let listed = latest_signals(rows);
    let names = context.answer("signals").and_then(|answer| answer.as_ref().ok());
    let items = listed.iter().map(|point| {
        let id = text_of(point.get("event"));
        let name = names.map(|names| text_of(names.pointer(&format!("/e{id}/name"))));
        let words =
            format!("{}: {} min, {}", day_of(point), minutes(point), signals(point).join(", "));
        // The number of an event says nothing to readers of the PDF and of static pages.
        match name.filter(|name| !name.is_empty()) {
            Some(name) => vec![format!("{words}:").into(), link(name, format!("/events/{id}"))],
            None => vec![words.into()],
        }
    });
    let items: Vec<Vec<FigureCell>> = items.collect();
    let total = rows.iter().flat_map(points).filter(|point| !signals(point).is_empty()).count();
    let counted: f64 = rows.iter().filter_map(|row| extra(row, "signals")).sum();
    let title = if items.len() < total {
        format!(
            "The latest {} of {total} unusual responses drawn; the CSV has all {total}:",
            items.len()
        )
    } else if (total as f64) < counted {
        "Unusual responses among those drawn, the latest first:".to_owned()
    } else {
        "Unusual responses, the latest first:".to_owned()
    };
    (!items.is_empty()).then_some(FigureList { title, numbered: false, items })
}

/// States the limits of each part of a rebased chart.
fn rebased(day: NaiveDate, rows: &[MetricRow]) -> String {
    let part = |row: &MetricRow| {
        let limits = extra(row, "lower").zip(extra(row, "upper"));
        let limits = limits.map_or_else(
            || "too few for limits".to_owned(),
            |(lower, upper)| format!("limits {} to {}", thousands(lower), thousands(upper)),
        );
        format!("mean {} of {} ({limits})", thousands(row.value.unwrap_or_default()), row.n)
    };
    match rows {
        [before, since] => format!(
            "Limits are computed apart before and since {}: {} before, {} since.",
            wording::day(day),
            part(before),
            part(since)
        ),
        _ => format!("Responses are only on one side of {}.", wording::day(day)),
    }
}

/// One control chart with its signs, and its signals as a list.
fn chart(context: &PageContext<'_>, chart: Chart) -> Figure {
    let Chart { title, region, target, records, rows } = chart;
    let parts: Vec<ControlPart> = rows
        .iter()
        .map(|row| ControlPart {
            points: points(row)
                .map(|point| ControlPoint {
                    value: point["value"].as_f64().unwrap_or_default(),
                    day: day_of(point),
                    href: format!("/events/{}", text_of(point.get("event"))),
                    signals: signals(point),
                })
                .collect(),
            center: row.value.unwrap_or_default(),
            limits: extra(row, "lower").zip(extra(row, "upper")),
        })
        .collect();
    let drawn_points: usize = parts.iter().map(|part| part.points.len()).sum();
    let total: u64 = rows.iter().map(|row| row.n).sum();
    let mut signs: Vec<(Icon, String)> = Vec::new();
    let mut reading = Vec::new();
    if let Some(row) = rows.last() {
        let verdict = text_of(extra_value(row, "verdict"));
        let count = extra(row, "signals").unwrap_or_default() as usize;
        signs.push(stability(&verdict, count, row.n as usize));
        let limits = extra(row, "lower").zip(extra(row, "upper"));
        let judged = limits.filter(|_| row.is_judged());
        signs.extend(target.map(|target| assurance(judged, target)));
        reading.push(if drawn_points == 0 && row.n > 0 && verdict != "TOO_FEW" {
            format!(
                "Mean {} minutes of {}. Only the region itself sees single events.",
                thousands(row.value.unwrap_or_default()),
                row.n
            )
        } else {
            drawn(drawn_points, total as usize)
        });
    }
    reading.extend(context.parameters.rebase.map(|day| rebased(day, &rows)));
    reading.retain(|sentence| !sentence.is_empty());
    let table =
        rows.iter().flat_map(points).filter(|point| !signals(point).is_empty()).map(|point| {
            vec![
                link(day_of(point), format!("/events/{}", text_of(point.get("event")))),
                FigureCell::from(format!("{} min", minutes(point))),
                signals(point).join(", ").into(),
            ]
        });
    let days: Vec<NaiveDate> = rows
        .iter()
        .flat_map(points)
        .filter_map(|point| point["at"].as_str()?.get(..10)?.parse().ok())
        .collect();
    let line = TimeLine { metric: "response_control", region: region.as_deref(), can_rebase: true };
    let (marks, mark_list) = line.marks(context, |day| slot_of_point(&days, day));
    Figure {
        title,
        reading: reading.join(" "),
        signs,
        lists: signal_list(context, &rows).into_iter().chain(mark_list).collect(),
        headings: vec!["Day".into(), "Time".into(), "Signals".into()],
        rows: table.collect(),
        drawing: Drawing::Control(Control { parts, target, marks }),
        metric: "response_control".into(),
        records,
        span: Span::Third,
        ..Figure::default()
    }
}

/// States how many points are drawn if not all are.
fn drawn(shown: usize, all: usize) -> String {
    if shown >= all {
        return String::new();
    }
    format!(
        "Shows the last {shown} of {} events; mean, limits and the number of unusual responses \
         include all.",
        thousands(all as f64)
    )
}

fn fills(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let rows = context.by("resource_fill", &[Dimension::Region], &[], None)?;
    let lines = rows.iter().map(|row| Dot {
        label: context.region(&key(row, Dimension::Region)),
        value: row.value,
        comparison: extra(row, "shareFull"),
        interval: extra(row, "shareFullLow").zip(extra(row, "shareFullHigh")),
        text: value(row.value, row.unit),
        hollow: row.reliability != Reliability::Ok,
        ..Dot::default()
    });
    Ok(Figure {
        title: "Resources requested and filled".into(),
        reading: "Dot: share of the requested quantity filled. Line with range: share of requests \
            filled in full. The median time includes requests still open."
            .into(),
        drawing: Drawing::Dots(Dots {
            compared_with: "requests filled in full".into(),
            ..Dots::new(lines.collect(), Unit::Share)
        }),
        headings: ["Region", "Filled", "In full", "By the time needed", "Median minutes to fill"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                let share = |name: &str| extra(row, name).map(percent).unwrap_or_default();
                vec![
                    link(context.region(&region), format!("/regions/{region}")),
                    link(
                        measured(row, "requests"),
                        format!("/records/resource_fill?region={region}"),
                    ),
                    share("shareFull").into(),
                    share("onTime").into(),
                    extra(row, "medianMinutes").map(thousands).unwrap_or_default().into(),
                ]
            })
            .collect(),
        metric: "resource_fill".into(),
        records: "/records/resource_fill".into(),
        ..Figure::default()
    })
}

#[cfg(test)]
mod tests {
    use super::drawn;

    #[test]
    fn a_chart_states_how_much_of_it_is_drawn() {
        assert_eq!(drawn(60, 60), "");
        assert_eq!(
            drawn(60, 12_345),
            "Shows the last 60 of 12,345 events; mean, limits and the number of unusual responses \
             include all."
        );
    }
}
