//! `/metrics/{id}`: what is this number?

use hotwash_metrics::{Dimension, MetricError, Reliability, registry};

use super::{Context, key};
use crate::report::figure::{Dot, dots};
use crate::report::reading::{interval, value};
use crate::report::{Cell, Figure, Page, Section, link, text_of};

/// Rows shown; the API has them all.
const SHOWN: usize = 200;

/// All metrics.
pub fn index() -> Page {
    let rows = registry().iter().map(|metric| {
        let definition = metric.definition();
        vec![
            link(definition.title, format!("/metrics/{}", definition.id)),
            Cell::from(definition.question),
            definition.unit.as_str().into(),
        ]
    });
    Page {
        path: "/metric".into(),
        title: "Metrics".into(),
        question: "What is counted, and how?".into(),
        sections: vec![Section::Table(Figure {
            title: "All metrics".into(),
            reading: "Each page has the definition, its source, its numbers, and the query for the same.".into(),
            headings: ["Metric", "Question", "Unit"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
            ..Figure::default()
        })],
    }
}

/// One metric.
pub fn page(context: &Context<'_>, id: &str) -> Result<Page, MetricError> {
    let definition = hotwash_metrics::find(id)?.definition();
    let rows = context.rows(id, &context.ask())?;
    let label = |row: &hotwash_metrics::Row| {
        definition
            .default_group_by
            .iter()
            .map(|dimension| {
                if *dimension == Dimension::Region {
                    format!("Region {}", key(row, *dimension))
                } else {
                    key(row, *dimension)
                }
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    let chart: Vec<Dot> = rows
        .iter()
        .take(24)
        .map(|row| Dot {
            label: label(row).chars().take(24).collect(),
            value: row.value,
            interval: row.ci_low.zip(row.ci_high),
            funnel: None,
            said: value(row.value, row.unit),
            hollow: row.reliability != Reliability::Ok,
        })
        .collect();
    let mut headings: Vec<String> =
        definition.default_group_by.iter().map(|dimension| dimension.key().to_owned()).collect();
    headings.extend(["Value", "95 % interval", "n", "Reliability", "Note"].map(str::to_owned));
    let table = rows.iter().take(SHOWN).map(|row| {
        let keys = definition.default_group_by.iter().map(|dimension| Cell::from(key(row, *dimension)));
        keys.chain([
            value(row.value, row.unit).into(),
            interval(row).into(),
            row.n.to_string().into(),
            row.reliability.to_string().into(),
            row.note.clone().unwrap_or_default().into(),
        ])
        .collect()
    });
    let group_by: Vec<String> =
        definition.default_group_by.iter().map(|dimension| dimension.to_string().to_uppercase()).collect();
    let parameters: Vec<Vec<Cell>> = definition
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
        .collect();
    let query = format!(
        "{{ metric(id: \"{id}\", groupBy: [{}], asOf: \"{}\") {{ rows {{ {} value n ciLow ciHigh reliability }} }} }}",
        group_by.join(", "),
        context.as_of(),
        definition.default_group_by.iter().map(|dimension| dimension.key()).collect::<Vec<_>>().join(" ")
    );
    let extras: Vec<Vec<Cell>> =
        definition.extras.iter().map(|extra| vec![Cell::from(extra.name), extra.meaning.into()]).collect();
    let more = if rows.len() > SHOWN { format!(" The first {SHOWN} of {} rows.", rows.len()) } else { String::new() };
    let mut sections = vec![
        Section::Text(format!("How it is computed: {} Source: {}.", definition.formula, definition.reference)),
        Section::Figure(Figure {
            title: "Its numbers".into(),
            reading: format!(
                "By {}.{more}",
                if definition.default_group_by.is_empty() {
                    "the whole".to_owned()
                } else {
                    group_by.join(" and ").to_lowercase()
                }
            ),
            svg: dots(definition.title, &chart, None),
            headings,
            rows: table.collect(),
            href: String::new(),
        }),
    ];
    if !parameters.is_empty() {
        sections.push(Section::Table(Figure {
            title: "Parameters".into(),
            reading: String::new(),
            headings: ["Name", "What it does", "Default", "Allowed"].map(str::to_owned).to_vec(),
            rows: parameters,
            ..Figure::default()
        }));
    }
    if !extras.is_empty() {
        sections.push(Section::Table(Figure {
            title: "What it adds to a row".into(),
            reading: String::new(),
            headings: vec!["Name".into(), "Meaning".into()],
            rows: extras,
            ..Figure::default()
        }));
    }
    sections.push(Section::Text(format!("The same in GraphQL: {query}")));
    sections.push(Section::Text(format!(
        "The same on the command line: hotwash metric {id} --as-of {} --format csv",
        context.as_of()
    )));
    Ok(Page {
        path: format!("/metrics/{id}"),
        title: definition.title.into(),
        question: definition.question.into(),
        sections,
    })
}
