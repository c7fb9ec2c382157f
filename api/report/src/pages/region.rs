//! `/regions/{code}`: how is this region doing, compared with the state?

use hotwash_metrics::{
    Dimension, Grain, MetricError, MetricQuery, Reliability, Unit, compare_regions,
};
use serde_json::Value;

use crate::answer::{nodes, total_count};
use crate::context::{PageContext, extra, extra_value, key, period};
use crate::definition::{Advice, Part, PathValues, ReportPage, Sheet};
use crate::drawing::{BandChart, Dot, Dots, Drawing, Heat, HeatCell, Locator, shares_ends};
use crate::outlines;
use crate::page::{Figure, FigureCell, Page, Section, Span, link, share_cell, text_of};
use crate::parts::measures::{MEASURES, Measure, region_trends};
use crate::parts::overdue::BANDS;
use crate::parts::published::OWN_TOP_RISKS;
use crate::parts::record_links::event_href;
use crate::parts::repeats::repeats_figure;
use crate::parts::tiles::tiles;
use crate::query::{PageQuery, graphql_string};
use crate::wording::{
    capability, counted, excess, inside, interval, listed, measured, percent, plain, thousands,
    value, verb,
};

/// Definition of the pages.
pub static PAGE: ReportPage = ReportPage {
    print: Some(Sheet { part: Part::Region, locator: Some(locator), ..Sheet::PLAIN }),
    prerendered: true,
    copied: true,
    all_values: |context| Ok(context.regions().into_iter().map(|(code, _)| vec![code]).collect()),
    advice: Some(advice),
    queries: |_, values| Ok(values.iter().map(|code| query(code)).collect()),
    ..ReportPage::each("/regions/{code}", page)
};

fn advice(context: &PageContext<'_>) -> Advice {
    let codes: Vec<String> = context.regions().into_iter().map(|(code, _)| code).collect();
    Advice {
        text: format!("The regions are {}.", codes.join(", ")),
        links: codes
            .iter()
            .map(|code| link(context.region(code), format!("/regions/{code}")))
            .collect(),
    }
}

/// Returns the map of all regions with this one highlighted.
fn locator(context: &PageContext<'_>, values: PathValues<'_>) -> Locator {
    let mut merged = outlines::merged(&context.snapshot.municipalities);
    let regions = context.snapshot.regions.values().filter(|region| region.id > 0);
    let shapes = regions.map(|region| {
        (merged.remove(&region.id).unwrap_or_default(), values == [region.code.as_str()])
    });
    Locator { grid: outlines::grid(), shapes: shapes.collect() }
}

/// Returns the query for the region's latest events.
fn query(code: &str) -> PageQuery {
    let code = graphql_string(code);
    PageQuery {
        name: "events",
        query: format!(
            "{{ events(first: 8, orderBy: [{{startAt: DESC}}], filter: {{ regionCode: {{eq: {code}}}, \
             status: {{eq: HELD}}, or: [{{kind: {{ne: INCIDENT}}}}, {{incident: \
             {{response: {{ne: NONE}}}}}}] }}) \
             {{ totalCount nodes {{ id name kind localDate hazard {{ name }} exercise {{ typeName \
             }} incident {{ response }} }} }} }}"
        ),
    }
}

/// Builds the page.
fn page(context: &PageContext<'_>, values: PathValues<'_>) -> Result<Option<Page>, MetricError> {
    let regions = context.regions();
    let Some((code, name)) = regions.iter().find(|(code, _)| values == [code]) else {
        return Ok(None);
    };
    let mut sections = vec![
        Section::Tiles(tiles(context, Some(code))?),
        against(context, code)?.into(),
        capabilities(context, code)?.into(),
        risks(context, code)?.into(),
        overdue(context, code)?.into(),
        repeats(context, code)?.into(),
    ];
    let sees = context.viewer.sees_region(code);
    sections.extend(context.answer("events").map(|answer| Section::from(events(answer, sees))));
    Ok(Some(Page {
        title: format!("{name} (region {code})"),
        question: "How is this region doing, compared with the state?".into(),
        sections,
        by_region: false,
        by_framework: true,
        ..Page::default()
    }))
}

fn against(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    let mut outside = Vec::new();
    for measure in &MEASURES {
        let Measure { metric: id, label, what, .. } = *measure;
        if hotwash_metrics::find(id)?.definition().unit != Unit::Share {
            continue;
        }
        let mut metric_query = context.metric_query(id);
        metric_query.filter.remove(&Dimension::Region);
        let compared = compare_regions(context.snapshot, id, &metric_query, context.viewer)?;
        let Some(one) = compared.iter().find(|one| one.region == code) else { continue };
        let position = match one.funnel_position {
            "ABOVE" => "higher than the state",
            "BELOW" => "lower than the state",
            "WITHIN" => "no clear difference",
            "TOO_FEW" => "too few to judge",
            _ => "not compared",
        };
        if matches!(one.funnel_position, "ABOVE" | "BELOW") {
            outside.push(format!(
                "{} ({})",
                measure.inside,
                if one.funnel_position == "ABOVE" { "higher" } else { "lower" }
            ));
        }
        lines.push(Dot {
            label: label.into(),
            value: one.row.value,
            interval: one.row.ci_low.zip(one.row.ci_high),
            funnel: one.wide_funnel,
            comparison: one.state,
            text: value(one.row.value, one.row.unit),
            hollow: one.funnel_position == "TOO_FEW",
            tone: measure.tone(one.funnel_position),
            trend: region_trends(context, measure)?.get(code).map(|(icon, _)| *icon),
        });
        rows.push(vec![
            link(label, format!("/metrics/{id}")),
            link(measured(&one.row, what), format!("/records/{id}?region={code}")),
            value(one.state, one.row.unit).into(),
            position.into(),
        ]);
    }
    Ok(Figure {
        title: "Compared with the state".into(),
        reading: if outside.is_empty() {
            "No figure differs clearly from the state's. Gray band: normal variation around the \
             state's value (line)."
                .into()
        } else {
            format!(
                "Differs clearly from the state: {}. Gray band: normal variation around the state's \
                 value (line).",
                listed(&outside)
            )
        },
        drawing: Drawing::Dots(Dots {
            compared_with: "state".into(),
            ..Dots::new(lines, Unit::Share)
        }),
        headings: ["Figure", "Region", "State", "Compared with the state"]
            .map(str::to_owned)
            .to_vec(),
        rows,
        ..Figure::default()
    })
}

/// Heat strip: share of P and S ratings by capability and fiscal year of the last five, in the
/// period, and of the state.
fn capabilities(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let region = [(Dimension::Region, code)];
    let rows = context.by("capability_performance", &[Dimension::Capability], &region, None)?;
    let mut years_query = MetricQuery {
        period: Some(Grain::FiscalYear),
        ..context.five_years("capability_performance", &[Dimension::Capability])
    };
    years_query.filter.insert(Dimension::Region, vec![code.to_owned()]);
    let years = context.rows("capability_performance", &years_query)?;
    let mut state_query = MetricQuery {
        group_by: Some(vec![Dimension::Capability]),
        ..context.metric_query("capability_performance")
    };
    state_query.filter.remove(&Dimension::Region);
    let state = context.rows("capability_performance", &state_query)?;
    let mut labels: Vec<String> = years.iter().map(period).collect();
    labels.sort();
    labels.dedup();
    let labels: Vec<String> = labels.split_off(labels.len().saturating_sub(5));
    let cell = |row: Option<&hotwash_metrics::MetricRow>| {
        let judged = row.filter(|row| row.is_judged()).and_then(|row| row.value);
        HeatCell {
            level: judged,
            text: match row {
                Some(row) if row.reliability == Reliability::Suppressed => "·".into(),
                Some(row) if row.n > 0 => judged.map_or_else(|| format!("n {}", row.n), percent),
                _ => String::new(),
            },
            framed: false,
        }
    };
    let strip = rows.iter().map(|row| {
        let of = key(row, Dimension::Capability);
        let mut cells: Vec<HeatCell> =
            labels
                .iter()
                .map(|label| {
                    cell(years.iter().find(|year| {
                        key(year, Dimension::Capability) == of && period(year) == *label
                    }))
                })
                .collect();
        cells.push(cell(Some(row)));
        cells.push(cell(state.iter().find(|row| key(row, Dimension::Capability) == of)));
        (capability(&of, context.names()), format!("/capabilities/{}", of.replace(':', "/")), cells)
    });
    let weakest = rows
        .iter()
        .filter(|row| row.is_judged() && row.value.is_some())
        .min_by(|one, two| one.value.unwrap_or(1.0).total_cmp(&two.value.unwrap_or(1.0)));
    Ok(Figure {
        title: "Capabilities, year by year".into(),
        reading: weakest.map_or_else(
            || "No capability has enough ratings to judge.".to_owned(),
            |row| {
                format!(
                    "Weakest overall: {}, {} ({}). Percent of ratings that were P or S, by fiscal \
                     year; the last two columns count the period of the report. \"n\" = too few to \
                     judge; \"·\" = withheld for privacy.",
                    capability(&key(row, Dimension::Capability), context.names()),
                    value(row.value, row.unit),
                    interval(row)
                )
            },
        ),
        drawing: Drawing::Heat(Heat {
            columns: labels.iter().cloned().chain(["Period".into(), "State".into()]).collect(),
            rows: strip.collect(),
            ends: shares_ends(),
            ..Heat::default()
        }),
        headings: ["Capability", "Performed well (P or S)", "State"].map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let of = key(row, Dimension::Capability);
                let state_row = state.iter().find(|row| key(row, Dimension::Capability) == of);
                vec![
                    link(
                        capability(&of, context.names()),
                        format!("/capabilities/{}?region={code}", of.replace(':', "/")),
                    ),
                    link(
                        measured(row, "ratings"),
                        format!("/records/capability_performance?region={code}&capability={of}"),
                    ),
                    state_row.map(|row| value(row.value, row.unit)).unwrap_or_default().into(),
                ]
            })
            .collect(),
        metric: "capability_performance".into(),
        records: format!("/records/capability_performance?region={code}"),
        ..Figure::default()
    })
}

fn risks(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let row = context
        .by("hazard_coverage", &[Dimension::Region], &[(Dimension::Region, code)], None)?
        .into_iter()
        .next();
    let list = row
        .as_ref()
        .and_then(|row| extra_value(row, "hazards"))
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let months = |value: &Value| {
        value.as_f64().map_or_else(
            || "never".to_owned(),
            |months| match months < 1.0 {
                true => "this month".to_owned(),
                false => format!("{} ago", counted(months, "month", "months")),
            },
        )
    };
    let rows = list.iter().map(|hazard| {
        vec![
            FigureCell::from(text_of(hazard.get("rank"))),
            context.hazard(hazard["hazard"].as_str().unwrap_or_default()).into(),
            share_cell(hazard["risk"].as_f64()),
            months(&hazard["monthsSinceExercise"]).into(),
            months(&hazard["monthsSinceIncident"]).into(),
            if hazard["covered"] == true { "✓ exercised" } else { "✗ not exercised" }.into(),
        ]
    });
    let uncovered: Vec<String> = list
        .iter()
        .filter(|hazard| hazard["covered"] != true)
        .map(|hazard| inside(&context.hazard(hazard["hazard"].as_str().unwrap_or_default())))
        .collect();
    Ok(Figure {
        title: "Top risks, and whether they were exercised".into(),
        reading: match (list.is_empty(), uncovered.len()) {
            (true, _) if row.is_some() && !context.viewer.sees_region(code) => OWN_TOP_RISKS.into(),
            (true, _) => "No risk assessment in the last 24 months.".into(),
            (false, 0) => "All top risks were exercised within 24 months.".into(),
            (false, count) => {
                format!(
                    "{count} of {} top risks {} not exercised within 24 months: {}.",
                    list.len(),
                    verb(count as f64, "was", "were"),
                    listed(&uncovered)
                )
            }
        },
        headings: [
            "Rank",
            "Hazard",
            "Mean risk",
            "Last exercise",
            "Last incident",
            "Within 24 months",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
        metric: "hazard_coverage".into(),
        records: format!("/records/hazard_coverage?region={code}"),
        ..Figure::default()
    })
}

fn overdue(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let row = context.one("action_overdue", &[(Dimension::Region, code)])?;
    let closing = context.one("action_time_to_close", &[(Dimension::Region, code)])?;
    let part = |name: &str| row.as_ref().and_then(|row| extra(row, name)).unwrap_or_default();
    let (open, late) = (part("open"), row.as_ref().and_then(|row| row.value).unwrap_or_default());
    let mut counts = vec![(open - late).max(0.0)];
    counts.extend(BANDS.iter().map(|(_, name)| part(name)));
    let suppressed = row.iter().find(|row| row.reliability == Reliability::Suppressed);
    let reading = if let Some(row) = suppressed {
        measured(row, "actions")
    } else if open == 0.0 {
        "No open actions.".to_owned()
    } else {
        let half = closing
            .as_ref()
            .filter(|row| row.is_judged())
            .and_then(|row| row.value)
            .map(|days| {
                let years = if days > 700.0 {
                    format!(" (about {:.0} years)", days / 365.25)
                } else {
                    String::new()
                };
                format!(" Half are closed within {}{years}.", counted(days.round(), "day", "days"))
            })
            .unwrap_or_default();
        format!(
            "{} of {} {} overdue.{half}",
            thousands(late),
            counted(open, "open action", "open actions"),
            verb(late, "is", "are")
        )
    };
    let names: Vec<String> = std::iter::once("not yet due".to_owned())
        .chain(BANDS.iter().map(|(label, _)| format!("{label} late")))
        .collect();
    Ok(Figure {
        title: "Open and overdue actions".into(),
        reading,
        drawing: match suppressed {
            Some(_) => Drawing::None,
            None => Drawing::Bands(BandChart {
                parts: names[1..].to_vec(),
                lines: vec![(
                    "Overdue".into(),
                    counts[1..].to_vec(),
                    format!("{} of {}", thousands(late), thousands(open)),
                )],
            }),
        },
        headings: vec!["Due".into(), "Actions".into()],
        rows: names
            .iter()
            .zip(&counts)
            .filter(|_| suppressed.is_none())
            .map(|(name, count)| vec![name.as_str().into(), thousands(*count).into()])
            .collect(),
        metric: "action_overdue".into(),
        records: format!("/actions?region={code}&due=overdue"),
        span: Span::Half,
        ..Figure::default()
    })
}

fn repeats(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let row = context.one("repeat_findings", &[(Dimension::Region, code)])?;
    Ok(repeats_figure(row.as_ref(), format!("/records/repeat_findings?region={code}")))
}

fn events(answer: &Result<Value, String>, is_visible: bool) -> Figure {
    let list = match answer {
        Ok(answer) => nodes(answer, "events"),
        Err(_) => &[],
    };
    let rows = list.iter().map(|event| {
        let kind = match (
            event["exercise"]["typeName"].as_str(),
            event["incident"]["response"].as_str(),
        ) {
            (Some(kind), _) => kind.to_owned(),
            (None, Some(response)) => format!("Incident, {}", response.to_lowercase()),
            _ => plain(&text_of(event.get("kind"))),
        };
        vec![
            FigureCell::from(text_of(event.get("localDate"))),
            link(text_of(event.get("name")), event_href(event)),
            kind.into(),
            text_of(event.pointer("/hazard/name")).into(),
        ]
    });
    Figure {
        title: "Recent events".into(),
        reading: match answer {
            Err(message) => message.clone(),
            Ok(_) if list.is_empty() && !is_visible => {
                "Not shown: your access does not cover these records.".into()
            }
            Ok(_) if list.is_empty() => "No exercises or responses on record.".into(),
            Ok(answer) => {
                let excess = excess(list.len(), total_count(answer, "events")).unwrap_or_default();
                format!(
                    "The latest exercises, and the incidents that the coalition monitored or \
                     responded to. {excess}"
                )
                .trim_end()
                .to_owned()
            }
        },
        headings: ["Day", "Event", "Kind", "Hazard"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        ..Figure::default()
    }
}
