//! `/metrics/{id}`: definition, formula, source, parameters, chart and table of a
//! metric, and how to get the same as CSV, in GraphQL and on the command line.

use chrono::NaiveDate;
use hotwash_metrics::{
    Dimension, MetricDefinition, MetricError, MetricQuery, MetricRow, Period, Reliability, Unit,
};

use crate::context::{PageContext, key, period, start};
use crate::days::{Extent, five_years_before};
use crate::definition::{PathValues, ReportPage};
use crate::drawing::{Dot, Dots, Drawing, Line, LinePoint};
use crate::page::{Figure, FigureCell, Page, Section, link, text_of};
use crate::parameters::{query_string, url_encoded};
use crate::parts::metric_paths::{all_ids, all_metrics, definition};
use crate::parts::tiles::counted_by;
use crate::query::graphql_string;
use crate::wording::{day, described_period, interval, measured, plain, thousands, value};

/// Definition of the pages.
pub static PAGE: ReportPage = ReportPage {
    below: Some("/metric"),
    copied: true,
    all_values: |_| Ok(all_ids()),
    advice: Some(|_| all_metrics()),
    ..ReportPage::each("/metrics/{id}", page)
};

/// Maximum number of rows shown; the CSV and the API have all.
const SHOWN: usize = 200;
/// Maximum number of rows in the chart.
const DRAWN: usize = 24;

/// Dimensions that a metric query groups by.
fn groups<'a>(definition: &MetricDefinition, metric_query: &'a MetricQuery) -> &'a [Dimension] {
    metric_query.group_by.as_deref().unwrap_or(definition.default_group_by)
}

/// Label of a row: its group in words, and its period.
fn label(context: &PageContext<'_>, group_by: &[Dimension], row: &MetricRow) -> String {
    let named = group_by.iter().map(|dimension| context.group(*dimension, &key(row, *dimension)));
    named
        .chain(Some(period(row)).filter(|period| !period.is_empty()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Builds the page of one metric.
fn page(context: &PageContext<'_>, values: PathValues<'_>) -> Result<Option<Page>, MetricError> {
    let Some(definition) = definition(values) else { return Ok(None) };
    let id = definition.id;
    let metric_query = context.page_metric_query(id)?;
    let group_by = groups(definition, &metric_query);
    let rows = context.rows(id, &metric_query)?;
    let named = |row: &MetricRow| {
        let label = label(context, group_by, row);
        if label.is_empty() { "All".to_owned() } else { label }
    };
    let lines: Vec<Dot> = rows
        .iter()
        .take(DRAWN)
        .map(|row| Dot {
            label: named(row),
            value: row.value,
            interval: row.ci_low.zip(row.ci_high),
            text: value(row.value, row.unit),
            hollow: row.reliability != Reliability::Ok,
            ..Dot::default()
        })
        .collect();
    let by: Vec<String> =
        group_by.iter().map(|dimension| plain(&dimension.to_string()).to_lowercase()).collect();
    let counted = match rows.len() {
        count if count > DRAWN => format!("{count} rows; the chart shows the first {DRAWN}."),
        1 => "One row.".into(),
        count => format!("{count} rows."),
    };
    let mut sections: Vec<Section> = Vec::new();
    sections.extend(total(context, definition, &metric_query)?);
    sections.extend(over_time(context, definition, &metric_query)?.map(Section::from));
    sections.extend([
        facts(definition),
        Figure {
            title: if by.is_empty() {
                "In total".into()
            } else {
                format!("By {}", by.join(" and "))
            },
            reading: counted,
            drawing: if lines.iter().any(|line| line.value.is_some()) {
                Drawing::Dots(Dots::new(lines, definition.unit))
            } else {
                Drawing::None
            },
            headings: ["Group", "Value", "95% interval", "n", "Reliability", "Note"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows
                .iter()
                .map(|row| {
                    vec![
                        link(
                            named(row),
                            format!("/records/{id}?{}", choice(group_by, &metric_query, row)),
                        ),
                        value(row.value, row.unit).into(),
                        interval(row).into(),
                        match row.reliability {
                            Reliability::Suppressed => "–".into(),
                            _ => row.n.to_string().into(),
                        },
                        plain(row.reliability.code()).into(),
                        FigureCell::from(row.note.clone().unwrap_or_default()),
                    ]
                })
                .collect(),
            most: Some(SHOWN),
            records: format!("/records/{id}"),
            ..Figure::default()
        }
        .into(),
    ]);
    for (title, headings, rows) in [
        (
            "Parameters",
            vec!["Name", "What it does", "Default", "Allowed"],
            definition
                .parameters
                .iter()
                .map(|parameter| {
                    vec![
                        FigureCell::from(parameter.name),
                        parameter.meaning().into(),
                        text_of(Some(&parameter.default_value())).into(),
                        parameter.allowed.join(", ").into(),
                    ]
                })
                .collect::<Vec<_>>(),
        ),
        (
            "What it adds to a row",
            vec!["Name", "Meaning"],
            definition
                .extras
                .iter()
                .map(|extra| vec![FigureCell::from(extra.name), extra.meaning.into()])
                .collect(),
        ),
    ] {
        if !rows.is_empty() {
            let headings = headings.into_iter().map(str::to_owned).collect();
            sections
                .push(Figure { title: title.into(), headings, rows, ..Figure::default() }.into());
        }
    }
    sections.push(Section::Facts(
        "The same as a file".into(),
        vec![(
            "CSV".into(),
            link(
                format!("{id}.csv"),
                format!("/metrics/{id}.csv?{}", query_string(&pairs(&metric_query))),
            ),
        )],
    ));
    sections.push(Section::Code(
        "The same in GraphQL".into(),
        graphql_query(definition, &metric_query),
    ));
    sections.push(Section::Code(
        "The same on the command line".into(),
        command(definition, &metric_query),
    ));
    Ok(Some(Page {
        title: definition.title.into(),
        question: definition.question.into(),
        sections,
        by_region: definition.dimensions.contains(&Dimension::Region),
        by_framework: definition.dimensions.contains(&Dimension::Framework),
        ..Page::default()
    }))
}

/// Returns rows without groups; `None` if the metric has values of groups only.
fn ungrouped(
    rows: Result<Vec<MetricRow>, MetricError>,
) -> Result<Option<Vec<MetricRow>>, MetricError> {
    match rows {
        Err(MetricError::Dimension { .. }) => Ok(None),
        rows => rows.map(Some),
    }
}

/// Returns the value of the state, or of the chosen groups: the number that leads to this page.
fn total(
    context: &PageContext<'_>,
    definition: &MetricDefinition,
    metric_query: &MetricQuery,
) -> Result<Option<Section>, MetricError> {
    let id = definition.id;
    let query = MetricQuery { group_by: Some(Vec::new()), period: None, ..metric_query.clone() };
    let Some(rows) = ungrouped(context.rows(id, &query))? else { return Ok(None) };
    let words = match rows.first() {
        Some(row) => measured(row, counted_by(id)),
        None => context.absence(id).to_owned(),
    };
    let days = match Extent::of(id) {
        Extent::State => day(query.as_of),
        Extent::Long | Extent::Period | Extent::Delayed(_) => {
            described_period((query.from, query.to))
        }
    };
    let chosen = query
        .filter
        .iter()
        .flat_map(|(dimension, values)| values.iter().map(|code| context.group(*dimension, code)));
    let chosen: Vec<String> = chosen.collect();
    let place = if chosen.is_empty() { "entire state".to_owned() } else { chosen.join(", ") };
    Ok(Some(Section::Lead(format!("{days}, {place}: {words}"))))
}

/// Returns the metric by quarter; `None` if it has fewer than two quarters.
fn over_time(
    context: &PageContext<'_>,
    definition: &MetricDefinition,
    metric_query: &MetricQuery,
) -> Result<Option<Figure>, MetricError> {
    let id = definition.id;
    let (from, to) = match context.five_years(id, &[]) {
        // The state on the last day of each quarter.
        MetricQuery { from: None, to: None, as_of, .. } if context.viewer.sees_all_detail() => {
            five_years_before(as_of)
        }
        query => (query.from, query.to),
    };
    let query = MetricQuery { group_by: Some(Vec::new()), from, to, ..metric_query.clone() };
    let rows = ungrouped(context.by_quarter(id, query))?.unwrap_or_default();
    if rows.iter().filter(|row| row.value.is_some()).count() < 2 {
        return Ok(None);
    }
    let points = rows.iter().map(|row| LinePoint {
        period: period(row),
        value: row.value,
        interval: row.ci_low.zip(row.ci_high),
        hollow: row.reliability != Reliability::Ok,
    });
    let has_range = rows.iter().any(|row| row.ci_low.is_some());
    let range = if has_range { ", with its 95% range" } else { "" };
    let is_hollow = rows.iter().any(|row| row.reliability != Reliability::Ok);
    let hollow = if is_hollow { " Hollow dots have too few records to judge." } else { "" };
    Ok(Some(Figure {
        title: "Over time".into(),
        reading: format!("Each dot is a complete quarter of the last five years{range}.{hollow}"),
        drawing: Drawing::Line(Line { points: points.collect(), unit: definition.unit }),
        headings: ["Quarter", "Value", "95% interval", "n"].map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                vec![
                    period(row).into(),
                    value(row.value, row.unit).into(),
                    interval(row).into(),
                    thousands(row.n as f64).into(),
                ]
            })
            .collect(),
        ..Figure::default()
    }))
}

fn facts(definition: &MetricDefinition) -> Section {
    let unit = match definition.unit {
        Unit::Share => "a share: 0 to 1 in data, percent on pages",
        Unit::Count => "a count",
        Unit::Days => "days",
        Unit::Minutes => "minutes",
        Unit::SharePerYear => "change of a share per year: 0.01 is one percentage point",
        Unit::Score => "a score without a unit",
    };
    let takes: Vec<String> = definition
        .dimensions
        .iter()
        .map(|dimension| plain(&dimension.to_string()).to_lowercase())
        .collect();
    Section::Facts(
        "Its definition".into(),
        vec![
            ("How it is computed".into(), definition.formula.into()),
            ("Source".into(), definition.reference.into()),
            ("Unit".into(), unit.into()),
            ("Minimum".into(), format!("{} records", definition.minimum_n).into()),
            ("Filtered and grouped by".into(), takes.join(", ").into()),
        ],
    )
}

/// URL parameters that select a row's group and period.
fn choice(group_by: &[Dimension], metric_query: &MetricQuery, row: &MetricRow) -> String {
    let mut pairs: Vec<(String, String)> =
        group_by.iter().map(|dimension| (dimension.to_string(), key(row, *dimension))).collect();
    if let Some((start, grain)) = start(row).zip(metric_query.period) {
        let period = Period { start, grain };
        pairs.extend(
            [("from", period.start), ("to", period.end())]
                .map(|(name, day)| (name.to_owned(), day.to_string())),
        );
    }
    pairs.extend(parameters(metric_query));
    query_string(&pairs)
}

fn parameters(metric_query: &MetricQuery) -> impl Iterator<Item = (String, String)> {
    metric_query.parameters.iter().map(|(name, value)| (name.clone(), text_of(Some(value))))
}

/// URL parameters of a metric query.
fn pairs(metric_query: &MetricQuery) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    if let Some(group_by) = &metric_query.group_by {
        pairs.push(("groupBy".into(), joined(group_by)));
    }
    pairs.extend(metric_query.period.map(|grain| ("period".into(), grain.to_string())));
    pairs.extend(days(metric_query).map(|(name, day)| (name.to_owned(), day.to_string())));
    pairs.extend(
        metric_query
            .filter
            .iter()
            .map(|(dimension, values)| (dimension.to_string(), values.join(","))),
    );
    pairs.extend(parameters(metric_query));
    pairs
}

fn days(metric_query: &MetricQuery) -> impl Iterator<Item = (&'static str, NaiveDate)> {
    let days =
        [("from", metric_query.from), ("to", metric_query.to), ("asOf", Some(metric_query.as_of))];
    days.into_iter().filter_map(|(name, day)| Some((name, day?)))
}

fn joined(group_by: &[Dimension]) -> String {
    group_by.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn graphql_query(definition: &MetricDefinition, metric_query: &MetricQuery) -> String {
    let group_by = groups(definition, metric_query);
    let keys: String = group_by.iter().map(|dimension| format!("{} ", dimension.key())).collect();
    let mut arguments = vec![
        format!("id: \"{}\"", definition.id),
        format!("groupBy: [{}]", joined(group_by).to_uppercase().replace(',', ", ")),
    ];
    arguments.extend(metric_query.period.map(|grain| format!("period: {grain}")));
    arguments.extend(days(metric_query).map(|(name, day)| format!("{name}: \"{day}\"")));
    let chosen: Vec<String> = metric_query
        .filter
        .iter()
        .map(|(dimension, values)| {
            let literal = |value: &String| match dimension.vocabulary() {
                Some(_) => value.clone(),
                None => graphql_string(value),
            };
            let values: Vec<String> = values.iter().map(literal).collect();
            let comparison = if let [one] = values.as_slice() {
                format!("eq: {one}")
            } else {
                format!("in: [{}]", values.join(", "))
            };
            format!("{}: {{ {comparison} }}", dimension.key())
        })
        .collect();
    if !chosen.is_empty() {
        arguments.push(format!("filter: {{ {} }}", chosen.join(", ")));
    }
    let given: Vec<String> =
        metric_query.parameters.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if !given.is_empty() {
        arguments.push(format!("parameters: {{ {} }}", given.join(", ")));
    }
    let period = if metric_query.period.is_some() { "period " } else { "" };
    format!(
        "{{\n  metric({}) {{\n    rows {{ {keys}{period}value n ciLow ciHigh reliability note \
         }}\n  }}\n}}",
        arguments.join(", ")
    )
}

fn command(definition: &MetricDefinition, metric_query: &MetricQuery) -> String {
    let mut words = vec![format!(
        "hotwash metric {} --as-of {} --format csv",
        definition.id, metric_query.as_of
    )];
    words.extend(
        metric_query.group_by.as_ref().map(|group_by| format!("--group-by '{}'", joined(group_by))),
    );
    words.extend(
        metric_query.period.map(|grain| format!("--period {}", grain.to_string().to_lowercase())),
    );
    words.extend(metric_query.from.map(|day| format!("--from {day}")));
    words.extend(metric_query.to.map(|day| format!("--to {day}")));
    words.extend(metric_query.filter.iter().map(|(dimension, values)| {
        format!("--where {dimension}={}", url_encoded(&values.join(",")))
    }));
    words.extend(
        parameters(metric_query)
            .map(|(name, value)| format!("--param {name}={}", url_encoded(&value))),
    );
    words.join(" ")
}
