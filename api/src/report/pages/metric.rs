//! `/metric` and `/metrics/{id}`: what is this number? Definition, formula, source, parameters, chart, table, and the same as
//! CSV, in GraphQL and on the command line.

use hotwash_metrics::{Definition, Dimension, MetricError, Reliability, Row, Unit, registry};
use serde_json::Value;

use super::{Context, key};
use crate::report::asked::{encoded, written};
use crate::report::drawing::{Dot, Dots, Drawing};
use crate::report::reading::{interval, plain, value};
use crate::report::{Cell, Figure, Page, Section, link, text_of};

/// Rows shown; the CSV and the API have them all.
const SHOWN: usize = 200;
/// Rows drawn.
const DRAWN: usize = 24;

/// All metrics.
pub fn index() -> Page {
    let rows = registry().iter().map(|metric| {
        let definition = metric.definition();
        vec![
            link(definition.title, format!("/metrics/{}", definition.id)),
            Cell::from(definition.question),
            plain(definition.unit.as_str()).into(),
            definition.reference.into(),
        ]
    });
    Page {
        path: "/metric".into(),
        title: "Metrics".into(),
        question: "What is counted, and how?".into(),
        sections: vec![
            Figure {
                title: "All metrics".into(),
                reading: "Each page has the definition, its source, its numbers, and the same as CSV and GraphQL."
                    .into(),
                headings: ["Metric", "Question", "Unit", "Source"].map(str::to_owned).to_vec(),
                rows: rows.collect(),
                ..Figure::default()
            }
            .into(),
        ],
        ..Page::default()
    }
}

/// A row's group as people call it.
fn label(context: &Context<'_>, definition: &Definition, row: &Row) -> String {
    let named = definition.default_group_by.iter().map(|dimension| {
        let code = key(row, *dimension);
        match dimension {
            Dimension::Region => format!("Region {code}"),
            Dimension::Capability => context.names().get(&code).cloned().unwrap_or(code),
            Dimension::Hazard => context.hazard(&code),
            Dimension::Element | Dimension::Discipline | Dimension::Source | Dimension::HazardCategory => plain(&code),
            _ => code,
        }
    });
    named.collect::<Vec<_>>().join(", ")
}

/// One metric.
pub fn page(context: &Context<'_>, id: &str) -> Result<Page, MetricError> {
    let definition = hotwash_metrics::find(id)?.definition();
    let rows = context.rows(id, &context.ask(id))?;
    let named = |row: &Row| {
        let label = label(context, definition, row);
        if label.is_empty() { "All".to_owned() } else { label }
    };
    let lines: Vec<Dot> = rows
        .iter()
        .take(DRAWN)
        .map(|row| Dot {
            label: named(row),
            value: row.value,
            interval: row.ci_low.zip(row.ci_high),
            said: value(row.value, row.unit),
            hollow: row.reliability != Reliability::Ok,
            ..Dot::default()
        })
        .collect();
    let by: Vec<String> =
        definition.default_group_by.iter().map(|dimension| plain(&dimension.to_string()).to_lowercase()).collect();
    let counted = match rows.len() {
        count if count > SHOWN => {
            format!("{count} rows; drawn are the first {DRAWN}, listed the first {SHOWN}, all in the CSV.")
        }
        count if count > DRAWN => format!("{count} rows; drawn are the first {DRAWN}."),
        1 => "One row.".into(),
        count => format!("{count} rows."),
    };
    let mut sections = vec![
        facts(definition),
        Figure {
            title: "Its numbers".into(),
            reading: if by.is_empty() {
                format!("For the whole. {counted}")
            } else {
                format!("By {}. {counted}", by.join(" and "))
            },
            drawing: if lines.iter().any(|line| line.value.is_some()) {
                Drawing::Dots(Dots { lines, reference: None, unit: definition.unit })
            } else {
                Drawing::None
            },
            headings: ["Group", "Value", "95 % interval", "n", "Reliability", "Note"].map(str::to_owned).to_vec(),
            rows: rows
                .iter()
                .take(SHOWN)
                .map(|row| {
                    vec![
                        link(named(row), format!("/records/{id}?{}", choice(definition, row))),
                        value(row.value, row.unit).into(),
                        interval(row).into(),
                        row.n.to_string().into(),
                        plain(&row.reliability.to_string()).into(),
                        Cell::from(row.note.clone().unwrap_or_default()),
                    ]
                })
                .collect(),
            records: format!("/records/{id}"),
            ..Figure::default()
        }
        .into(),
    ];
    for (title, headings, rows) in [
        (
            "Parameters",
            vec!["Name", "What it does", "Default", "Allowed"],
            definition
                .parameters
                .iter()
                .map(|parameter| {
                    vec![
                        Cell::from(parameter.name),
                        parameter.description.into(),
                        text_of(Some(&parameter.default_value())).into(),
                        parameter.allowed.join(", ").into(),
                    ]
                })
                .collect::<Vec<_>>(),
        ),
        (
            "What it adds to a row",
            vec!["Name", "Meaning"],
            definition.extras.iter().map(|extra| vec![Cell::from(extra.name), extra.meaning.into()]).collect(),
        ),
    ] {
        if !rows.is_empty() {
            let headings = headings.into_iter().map(str::to_owned).collect();
            sections.push(Figure { title: title.into(), headings, rows, ..Figure::default() }.into());
        }
    }
    sections.push(Section::Facts(
        "The same as a file".into(),
        vec![("CSV".into(), link(format!("{id}.csv"), format!("/metrics/{id}.csv")))],
    ));
    sections.push(Section::Code("The same in GraphQL".into(), query(context, definition)));
    sections.push(Section::Code("The same on the command line".into(), command(context, definition)));
    Ok(Page {
        path: format!("/metrics/{id}"),
        title: definition.title.into(),
        question: definition.question.into(),
        sections,
        by_region: definition.dimensions.contains(&Dimension::Region),
        by_framework: definition.dimensions.contains(&Dimension::Framework),
        ..Page::default()
    })
}

fn facts(definition: &Definition) -> Section {
    let unit = match definition.unit {
        Unit::Share => "a share: 0 to 1 in data, per cent on pages",
        Unit::Count => "a count",
        Unit::Days => "days",
        Unit::Minutes => "minutes",
        Unit::PerYear => "change of a share a year: 0.01 is one point",
        Unit::Score => "a score without a unit",
    };
    let takes: Vec<String> =
        definition.dimensions.iter().map(|dimension| plain(&dimension.to_string()).to_lowercase()).collect();
    Section::Facts(
        "Its definition".into(),
        vec![
            ("How it is computed".into(), definition.formula.into()),
            ("Source".into(), definition.reference.into()),
            ("Unit".into(), unit.into()),
            ("Judged from".into(), format!("n = {}", definition.minimum_n).into()),
            ("Filtered and grouped by".into(), takes.join(", ").into()),
        ],
    )
}

/// A row's group as pairs of an address.
fn choice(definition: &Definition, row: &Row) -> String {
    let pairs: Vec<(String, String)> =
        definition.default_group_by.iter().map(|dimension| (dimension.to_string(), key(row, *dimension))).collect();
    written(&pairs)
}

/// The filters in force that this metric takes.
fn filters(context: &Context<'_>, definition: &Definition) -> Vec<(Dimension, String)> {
    let ask = context.ask(definition.id);
    ask.filter.into_iter().filter_map(|(dimension, values)| Some((dimension, values.into_iter().next()?))).collect()
}

fn query(context: &Context<'_>, definition: &Definition) -> String {
    let groups: Vec<String> =
        definition.default_group_by.iter().map(|dimension| dimension.to_string().to_uppercase()).collect();
    let keys: String = definition.default_group_by.iter().map(|dimension| format!("{} ", dimension.key())).collect();
    let mut arguments = vec![format!("id: \"{}\"", definition.id), format!("groupBy: [{}]", groups.join(", "))];
    for (name, day) in [("from", context.asked.from), ("to", context.asked.to), ("asOf", Some(context.as_of()))] {
        arguments.extend(day.map(|day| format!("{name}: \"{day}\"")));
    }
    let chosen: Vec<String> = filters(context, definition)
        .iter()
        .map(|(dimension, value)| format!("{}: {{ eq: {} }}", dimension.key(), super::records::quoted(value)))
        .collect();
    if !chosen.is_empty() {
        arguments.push(format!("where: {{ {} }}", chosen.join(", ")));
    }
    format!(
        "{{\n  metric({}) {{\n    rows {{ {keys}value n ciLow ciHigh reliability note }}\n  }}\n}}",
        arguments.join(", ")
    )
}

fn command(context: &Context<'_>, definition: &Definition) -> String {
    let mut words = vec![format!("hotwash metric {} --as-of {} --format csv", definition.id, context.as_of())];
    words.extend(context.asked.from.map(|day| format!("--from {day}")));
    words.extend(context.asked.to.map(|day| format!("--to {day}")));
    words.extend(
        filters(context, definition).iter().map(|(dimension, value)| format!("--where {dimension}={}", encoded(value))),
    );
    words.join(" ")
}

/// Rows of a metric as CSV: keys, the value and its company, and what the metric adds; full precision.
///
/// # Errors
/// When a record cannot be written.
pub fn csv(rows: &[Row]) -> Result<Vec<u8>, csv::Error> {
    let rows: Vec<Value> = rows.iter().map(Row::to_json).collect();
    let mut headings: Vec<&String> = Vec::new();
    for name in rows.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys()) {
        if !headings.contains(&name) {
            headings.push(name);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings)?;
    for row in &rows {
        writer.write_record(headings.iter().map(|name| text_of(row.get(name.as_str()))))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
