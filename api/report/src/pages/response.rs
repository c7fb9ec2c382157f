//! `/response`: how fast are we, and is it stable? Small multiples of control charts, after the
//! NHS's "Making Data Count".

use hotwash_metrics::{Dimension, MetricError, MetricQuery, MetricRow, Reliability, Unit};
use serde_json::Value;

use crate::context::{PageContext, extra, key};
use crate::definition::{ReportPage, Sheet};
use crate::drawing::{Control, Dot, Dots, Drawing, Icon};
use crate::page::{Figure, FigureCell, Page, Section, Span, link, text_of};
use crate::wording::{assurance, measured, percent, readable, stability, thousands, value};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Response"),
    print: Some(Sheet::PLAIN),
    prerendered: true,
    copied: true,
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

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let target = hotwash_metrics::find("response_time")?
        .definition()
        .parameters
        .iter()
        .find(|parameter| parameter.name == "target")
        .and_then(|parameter| parameter.default_value().as_f64())
        .unwrap_or(60.0);
    let state = context
        .parameters
        .region
        .as_ref()
        .map_or_else(|| "the entire state".to_owned(), |code| format!("region {code}"));
    let mut sections = vec![
        times(context, target)?.into(),
        Section::Heading(
            "Notification to activation by region".into(),
            format!(
                "Each dot is one event, in time order. The band shows normal variation. The \
                 dashed line is the target of {target:.0} minutes."
            ),
        ),
    ];
    for row in control(context, PAIRS[0], &[Dimension::Region])? {
        let code = key(&row, Dimension::Region);
        sections.push(
            chart(
                &row,
                context.region(&code),
                Some(target),
                &format!("/records/response_control?region={code}"),
            )
            .into(),
        );
    }
    sections.push(Section::Heading(
        "Each pair of milestones".into(),
        format!("The same chart for {state}, in minutes. An unusual response is a reason to ask."),
    ));
    for pair in PAIRS {
        if let Some(row) = control(context, pair, &[])?.into_iter().next() {
            let aim = if pair == PAIRS[0] { Some(target) } else { None };
            sections.push(chart(&row, pair.2.to_owned(), aim, "/records/response_control").into());
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
    Ok(context
        .rows("response_control", &metric_query)?
        .into_iter()
        .filter(|row| row.n > 0)
        .collect())
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
                "Half are activated within {} (all regions). Medians with 95% ranges. Events \
                 not yet activated count as still waiting.",
                value(row.value, row.unit)
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
                .map(|median| (median, format!("All {median:.0} min"))),
            unit: Unit::Minutes,
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
                        .map_or_else(|| "–".to_owned(), |minutes| format!("{minutes:.0} min"))
                        .into(),
                    FigureCell::from(text_of(row.extra.get("incomplete"))),
                    extra(row, "withinTarget").map(percent).unwrap_or_default().into(),
                ]
            })
            .collect(),
        metric: "response_time".into(),
        records: "/records/response_time".into(),
        ..Figure::default()
    })
}

/// One control chart with its signs.
fn chart(row: &MetricRow, title: String, target: Option<f64>, records: &str) -> Figure {
    let list = row.extra.get("points").and_then(Value::as_array).cloned().unwrap_or_default();
    let marked =
        |point: &Value| point["signals"].as_array().is_some_and(|signals| !signals.is_empty());
    let points: Vec<(f64, bool)> = list
        .iter()
        .map(|point| (point["value"].as_f64().unwrap_or_default(), marked(point)))
        .collect();
    let day = |point: Option<&Value>| {
        point
            .map(|point| readable(text_of(point.get("at")).chars().take(10).collect()))
            .unwrap_or_default()
    };
    let limits = extra(row, "lower").zip(extra(row, "upper"));
    let verdict = text_of(row.extra.get("verdict"));
    let signals = extra(row, "signals").unwrap_or_default() as usize;
    let (icon, text) = stability(&verdict, signals, row.n as usize);
    let mut signs: Vec<(Icon, String)> = vec![(icon, text)];
    signs
        .extend(target.map(|target| {
            assurance(limits.filter(|_| row.reliability == Reliability::Ok), target)
        }));
    let table = list.iter().filter(|point| marked(point)).map(|point| {
        let names: Vec<String> = point["signals"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|name| name.to_lowercase().replace('_', " "))
            .collect();
        vec![
            link(day(Some(point)), format!("/events/{}", text_of(point.get("event")))),
            FigureCell::from(format!("{} min", text_of(point.get("value")))),
            names.join(", ").into(),
        ]
    });
    let reading = if points.is_empty() && row.n > 0 && verdict != "TOO_FEW" {
        format!(
            "Mean {} minutes of {}. Only the region itself sees single events.",
            thousands(row.value.unwrap_or_default()),
            row.n
        )
    } else {
        drawn(points.len(), row.n as usize)
    };
    Figure {
        title,
        reading,
        signs,
        drawing: Drawing::Control(Control {
            ends: (day(list.first()), day(list.last())),
            points,
            center: row.value.unwrap_or_default(),
            limits,
            target,
        }),
        headings: vec!["Day".into(), "Time".into(), "Signals".into()],
        rows: table.collect(),
        metric: "response_control".into(),
        records: records.to_owned(),
        span: Span::Third,
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
        drawing: Drawing::Dots(Dots { lines: lines.collect(), reference: None, unit: Unit::Share }),
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
                    FigureCell::from(text_of(row.extra.get("medianMinutes"))),
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
