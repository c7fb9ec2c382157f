//! `/regions`: who can learn from whom?

use hotwash_metrics::{MetricError, compare_regions};

use super::Context;
use crate::report::figure::{Dot, dots};
use crate::report::reading::{measured, value};
use crate::report::{Figure, Page, Section, link};

const COMPARED: [(&str, &str); 8] = [
    ("capability_performance", "ratings"),
    ("action_closure", "actions opened"),
    ("action_on_time", "actions due"),
    ("aar_timeliness", "events"),
    ("repeat_findings", "areas"),
    ("action_validation", "completed actions"),
    ("participation", "organisations"),
    ("action_time_to_close", "actions"),
];

/// The page.
pub fn page(context: &Context<'_>) -> Result<Page, MetricError> {
    let mut sections = vec![Section::Text(
        "Regions are sorted by value, not ranked: a dot inside the grey funnel differs from the state by no more than chance explains in 998 of 1,000 cases; a hollow dot has too few records.".into(),
    )];
    for (id, what) in COMPARED {
        let mut compared = compare_regions(context.snapshot, id, &context.ask(), context.viewer)?;
        if compared.is_empty() {
            continue;
        }
        let definition = hotwash_metrics::find(id)?.definition();
        compared.sort_by(|one, two| {
            two.row
                .value
                .unwrap_or(f64::MIN)
                .total_cmp(&one.row.value.unwrap_or(f64::MIN))
                .then_with(|| one.region.cmp(&two.region))
        });
        let state = compared.iter().find_map(|one| one.state);
        let outside: Vec<String> = compared
            .iter()
            .filter(|one| one.standing == "ABOVE" || one.standing == "BELOW")
            .map(|one| format!("{} is {} it", one.region, one.standing.to_lowercase()))
            .collect();
        let reading = if compared.iter().all(|one| one.wide_funnel.is_none()) {
            definition.question.to_owned()
        } else if outside.is_empty() {
            format!("{} No region lies outside the funnel.", definition.question)
        } else {
            format!("{} Outside the funnel: region {}.", definition.question, outside.join(", region "))
        };
        let lines: Vec<Dot> = compared
            .iter()
            .map(|one| Dot {
                label: format!("Region {}", one.region),
                value: one.row.value,
                interval: one.row.ci_low.zip(one.row.ci_high),
                funnel: one.wide_funnel,
                said: value(one.row.value, one.row.unit),
                hollow: one.standing == "TOO_FEW",
            })
            .collect();
        let said = state.map(|state| format!("state {}", value(Some(state), definition.unit)));
        sections.push(Section::Figure(Figure {
            title: definition.title.into(),
            reading,
            svg: dots(definition.title, &lines, state.zip(said.as_deref())),
            headings: vec!["Region".into(), "Value".into(), "Against the funnel".into()],
            rows: compared
                .iter()
                .map(|one| {
                    vec![
                        link(format!("Region {}", one.region), format!("/regions/{}", one.region)),
                        measured(&one.row, what).into(),
                        one.standing.to_lowercase().replace('_', " ").into(),
                    ]
                })
                .collect(),
            href: format!("/metrics/{id}"),
        }));
    }
    Ok(Page { path: "/regions".into(), title: "Regions".into(), question: "Who can learn from whom?".into(), sections })
}
