//! `/regions`: who can learn from whom?

use hotwash_metrics::{Dimension, MetricError, Reliability, Unit, compare_regions};

use crate::context::PageContext;
use crate::definition::{ReportPage, Sheet};
use crate::drawing::{Dot, Dots, Drawing};
use crate::page::{Figure, Page, Section, Span, link};
use crate::parts::measures::{MEASURES, Measure, region_trends};
use crate::wording::{Better, listed, measured, value};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Regions"),
    print: Some(Sheet::PLAIN),
    prerendered: true,
    copied: true,
    needs_records: true,
    ..ReportPage::one("/regions", page)
};

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let mut sections = vec![Section::Lead(
        "Gray bands show normal variation around the state's value: a region of that size stays \
         inside in 998 of 1,000 cases. Only diamonds outside a band differ clearly. Arrows show \
         the trend of five years."
            .into(),
    )];
    sections.push(Section::Steps(vec![link("Compare two regions or two periods", "/compare")]));
    for measure in &MEASURES {
        sections.extend(compared(context, measure)?.map(Section::from));
    }
    Ok(Page {
        title: "Regions".into(),
        question: "Who can learn from whom?".into(),
        sections,
        by_region: false,
        by_framework: true,
        ..Page::default()
    })
}

fn compared(context: &PageContext<'_>, measure: &Measure) -> Result<Option<Figure>, MetricError> {
    let (id, better) = (measure.metric, measure.better);
    let mut metric_query = context.metric_query(id);
    metric_query.filter.remove(&Dimension::Region);
    let mut compared = compare_regions(context.snapshot, id, &metric_query, context.viewer)?;
    if compared.is_empty() {
        return Ok(None);
    }
    let definition = hotwash_metrics::find(id)?.definition();
    let trends = region_trends(context, measure)?;
    // Best values on top, unknown ones at the bottom.
    let rank = |value: Option<f64>| match (value, better) {
        (Some(value), Better::Higher) => -value,
        (Some(value), Better::Lower) => value,
        (None, _) => f64::MAX,
    };
    compared.sort_by(|one, two| {
        rank(one.row.value)
            .total_cmp(&rank(two.row.value))
            .then_with(|| one.region.cmp(&two.region))
    });
    let state = compared.iter().find_map(|one| one.state);
    let at = |wanted: &str| -> Vec<String> {
        compared
            .iter()
            .filter(|one| one.funnel_position == wanted)
            .map(|one| context.region(&one.region))
            .collect()
    };
    let (above, below) = (at("ABOVE"), at("BELOW"));
    let reading = if compared.iter().all(|one| one.wide_funnel.is_none()) {
        format!("{} Bars show 95% ranges.", definition.question)
    } else {
        let outside: Vec<String> = [(&above, "Above"), (&below, "Below")]
            .iter()
            .filter(|(codes, _)| !codes.is_empty())
            .map(|(codes, side)| format!("{side} the state: {}", listed(codes)))
            .collect();
        if outside.is_empty() {
            format!("{} No region differs clearly from the state.", definition.question)
        } else {
            format!("{} {}.", definition.question, outside.join(". "))
        }
    };
    let lines = compared.iter().map(|one| Dot {
        label: context.region(&one.region),
        value: one.row.value,
        interval: one.row.ci_low.zip(one.row.ci_high),
        funnel: one.wide_funnel,
        comparison: None,
        text: value(one.row.value, one.row.unit),
        hollow: one.funnel_position == "TOO_FEW",
        tone: measure.tone(one.funnel_position),
        trend: trends.get(&one.region).map(|(icon, _)| *icon),
    });
    Ok(Some(Figure {
        title: definition.title.into(),
        reading,
        drawing: Drawing::Dots(Dots {
            lines: lines.collect(),
            reference: state
                .map(|state| (state, format!("State {}", value(Some(state), definition.unit)))),
            unit: if definition.unit == Unit::SharePerYear { Unit::Share } else { definition.unit },
            compared_with: String::new(),
        }),
        headings: ["Region", "Value", "Compared with normal variation", "Trend of five years"]
            .map(str::to_owned)
            .to_vec(),
        rows: compared
            .iter()
            .map(|one| {
                vec![
                    link(context.region(&one.region), format!("/regions/{}", one.region)),
                    link(
                        measured(&one.row, measure.what),
                        format!("/records/{id}?region={}", one.region),
                    ),
                    match one.row.reliability {
                        Reliability::Suppressed => "suppressed".to_owned(),
                        _ => one.funnel_position.to_lowercase().replace('_', " "),
                    }
                    .into(),
                    trends
                        .get(&one.region)
                        .map_or_else(|| "–".to_owned(), |(_, text)| text.clone())
                        .into(),
                ]
            })
            .collect(),
        metric: id.into(),
        records: format!("/records/{id}"),
        span: Span::Half,
        ..Figure::default()
    }))
}
