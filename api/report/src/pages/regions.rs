//! `/regions`: who can learn from whom?

use hotwash_metrics::{Dimension, MetricError, Unit, compare_regions};

use crate::context::PageContext;
use crate::definition::{ReportPage, Sheet};
use crate::drawing::{Dot, Dots, Drawing};
use crate::page::{Figure, Page, Section, Span, link};
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

/// Metrics that compare regions: id, what is counted, and which direction is better.
const COMPARED: [(&str, &str, Better); 8] = [
    ("capability_performance", "ratings", Better::Higher),
    ("action_closure", "actions opened", Better::Higher),
    ("action_on_time", "actions due", Better::Higher),
    ("aar_timeliness", "events", Better::Higher),
    ("repeat_findings", "areas", Better::Lower),
    ("action_validation", "completed actions", Better::Higher),
    ("participation", "organizations", Better::Higher),
    ("action_time_to_close", "actions", Better::Lower),
];

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let mut sections = vec![Section::Lead(
        "Regions are sorted, not ranked. Inside the gray funnel a region of its size differs from \
         the state by chance alone in 998 of 1,000 cases; an orange diamond is outside it and \
         worth asking about; a hollow dot has too few records."
            .into(),
    )];
    for (id, what, better) in COMPARED {
        sections.extend(compared(context, id, what, better)?.map(Section::from));
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

fn compared(
    context: &PageContext<'_>,
    id: &str,
    what: &str,
    better: Better,
) -> Result<Option<Figure>, MetricError> {
    let mut metric_query = context.metric_query(id);
    metric_query.filter.remove(&Dimension::Region);
    let mut compared = compare_regions(context.snapshot, id, &metric_query, context.viewer)?;
    if compared.is_empty() {
        return Ok(None);
    }
    let definition = hotwash_metrics::find(id)?.definition();
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
            .map(|one| one.region.clone())
            .collect()
    };
    let (above, below) = (at("ABOVE"), at("BELOW"));
    let reading = if compared.iter().all(|one| one.wide_funnel.is_none()) {
        format!("{} Bars show 95% ranges.", definition.question)
    } else {
        let outside: Vec<String> = [(&above, "Above"), (&below, "Below")]
            .iter()
            .filter(|(codes, _)| !codes.is_empty())
            .map(|(codes, side)| {
                format!(
                    "{side} the state: region{} {}",
                    if codes.len() == 1 { "" } else { "s" },
                    listed(codes)
                )
            })
            .collect();
        if outside.is_empty() {
            format!("{} No region differs clearly from the state.", definition.question)
        } else {
            format!("{} {}.", definition.question, outside.join(". "))
        }
    };
    let lines = compared.iter().map(|one| Dot {
        label: format!("Region {}", one.region),
        value: one.row.value,
        interval: one.row.ci_low.zip(one.row.ci_high),
        funnel: one.wide_funnel,
        comparison: None,
        text: value(one.row.value, one.row.unit),
        hollow: one.funnel_position == "TOO_FEW",
        signal: matches!(one.funnel_position, "ABOVE" | "BELOW"),
    });
    Ok(Some(Figure {
        title: definition.title.into(),
        reading,
        drawing: Drawing::Dots(Dots {
            lines: lines.collect(),
            reference: state
                .map(|state| (state, format!("State {}", value(Some(state), definition.unit)))),
            unit: if definition.unit == Unit::SharePerYear { Unit::Share } else { definition.unit },
        }),
        headings: vec!["Region".into(), "Value".into(), "Compared with normal variation".into()],
        rows: compared
            .iter()
            .map(|one| {
                vec![
                    link(format!("Region {}", one.region), format!("/regions/{}", one.region)),
                    link(measured(&one.row, what), format!("/records/{id}?region={}", one.region)),
                    one.funnel_position.to_lowercase().replace('_', " ").into(),
                ]
            })
            .collect(),
        metric: id.into(),
        records: format!("/records/{id}"),
        span: Span::Half,
        ..Figure::default()
    }))
}
