//! `/capabilities` and `/capabilities/{framework}/{code}`: where does this capability fail?

use hotwash_metrics::{Dimension, Grain, MetricError};

use super::{Context, extra, key};
use crate::report::figure::{Dot, bars, dots, stacked};
use crate::report::reading::{capability, measured, trend, value};
use crate::report::{Cell, Figure, Page, Section, link, text_of};

/// All capabilities that were rated.
pub fn index(context: &Context<'_>) -> Result<Page, MetricError> {
    let mut rows = context.by("capability_performance", &[Dimension::Capability], &[], None)?;
    rows.sort_by(|one, two| one.value.unwrap_or(2.0).total_cmp(&two.value.unwrap_or(2.0)));
    let trends = context.by("capability_trend", &[Dimension::Capability], &[], None)?;
    let lines: Vec<Dot> = rows
        .iter()
        .map(|row| Dot {
            label: key(row, Dimension::Capability).replace(':', " "),
            value: row.value,
            interval: row.ci_low.zip(row.ci_high),
            funnel: None,
            said: value(row.value, row.unit),
            hollow: row.reliability != hotwash_metrics::Reliability::Ok,
        })
        .collect();
    let table = rows.iter().map(|row| {
        let code = key(row, Dimension::Capability);
        let course =
            trends.iter().find(|trend| key(trend, Dimension::Capability) == code).map(trend).unwrap_or_default();
        vec![
            link(capability(&code, context.names()), format!("/capabilities/{}", code.replace(':', "/"))),
            measured(row, "ratings").into(),
            course.into(),
        ]
    });
    let table: Vec<Vec<Cell>> = table.collect();
    Ok(Page {
        path: "/capabilities".into(),
        title: "Capabilities".into(),
        question: "Where are we weak, and is it getting better?".into(),
        sections: vec![
            Section::Figure(Figure {
                title: "Share of ratings P or S, the weakest first".into(),
                reading: "With 95 % intervals: where they overlap widely, the order means little.".into(),
                svg: dots("Share of ratings P or S by capability", &lines, None),
                href: "/metrics/capability_performance".into(),
                ..Figure::default()
            }),
            Section::Table(Figure {
                title: "Each capability".into(),
                reading: "Trends are Mann-Kendall tests of the quarterly share.".into(),
                headings: ["Capability", "Rated P or S", "Trend"].map(str::to_owned).to_vec(),
                rows: table,
                ..Figure::default()
            }),
        ],
    })
}

/// One capability.
pub fn page(context: &Context<'_>, code: &str) -> Result<Page, MetricError> {
    let only = [(Dimension::Capability, code)];
    let quarters = context.by("capability_performance", &[], &only, Some(Grain::Quarter))?;
    let counts = ["p", "s", "m", "u"];
    let stacks: Vec<(String, [f64; 4])> = quarters
        .iter()
        .map(|row| (text_of(row.dimensions.get("period")), counts.map(|name| extra(row, name).unwrap_or_default())))
        .collect();
    let course = context.one("capability_trend", &only)?.map(|row| trend(&row)).unwrap_or_default();
    let total = context.one("capability_performance", &only)?;
    let mut sections = vec![Section::Figure(Figure {
        title: "Ratings by quarter".into(),
        reading: format!(
            "{} {course}.",
            total.map_or_else(|| "No ratings.".into(), |row| measured(&row, "ratings were P or S"))
        ),
        svg: stacked("Ratings P, S, M and U by quarter", &stacks),
        headings: ["Quarter", "P", "S", "M", "U"].map(str::to_owned).to_vec(),
        rows: stacks
            .iter()
            .map(|(label, counts)| {
                std::iter::once(Cell::from(label.as_str()))
                    .chain(counts.iter().map(|count| format!("{count:.0}").into()))
                    .collect()
            })
            .collect(),
        href: "/metrics/capability_performance".into(),
    })];
    let gap = context.by("exercise_incident_gap", &[Dimension::Capability], &only, None)?;
    if let Some(row) = gap.first() {
        let side =
            |name: &str| extra(row, name).map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0));
        sections.push(Section::Text(format!(
            "In exercises {} of {} ratings were P or S, in incidents {} of {}. Difference: {} Exercises choose easier objectives, so a gap is no proof of failing in earnest.",
            side("exerciseShare"),
            extra(row, "exerciseN").unwrap_or_default(),
            side("incidentShare"),
            extra(row, "incidentN").unwrap_or_default(),
            measured(row, "ratings")
        )));
    }
    let mix = context.by("poete_mix", &[Dimension::Element], &only, None)?;
    let lines: Vec<(String, f64, String)> = mix
        .iter()
        .map(|row| (key(row, Dimension::Element), row.value.unwrap_or_default(), value(row.value, row.unit)))
        .collect();
    sections.push(Section::Figure(Figure {
        title: "Where its weaknesses lie".into(),
        reading: "Areas for improvement by capability element; an area with several counts in parts.".into(),
        svg: bars("Areas for improvement by element", &lines),
        headings: vec!["Element".into(), "Share of areas".into()],
        rows: mix.iter().map(|row| vec![key(row, Dimension::Element).into(), measured(row, "areas").into()]).collect(),
        href: "/metrics/poete_mix".into(),
    }));
    let repeats = context.by("repeat_findings", &[Dimension::Region], &only, None)?;
    sections.push(Section::Table(Figure {
        title: "Repeat findings and open actions by region".into(),
        reading: "A relapse is an area that came back after an action on it had been completed.".into(),
        headings: ["Region", "Repeats", "Relapses", "Overdue of open"].map(str::to_owned).to_vec(),
        rows: {
            let overdue = context.by("action_overdue", &[Dimension::Region], &only, None)?;
            repeats
                .iter()
                .map(|row| {
                    let region = key(row, Dimension::Region);
                    let open = overdue
                        .iter()
                        .find(|open| key(open, Dimension::Region) == region)
                        .map(|open| format!("{} of {}", value(open.value, open.unit), open.n))
                        .unwrap_or_default();
                    vec![
                        link(format!("Region {region}"), format!("/regions/{region}")),
                        measured(row, "areas").into(),
                        text_of(row.extra.get("relapse")).into(),
                        open.into(),
                    ]
                })
                .collect()
        },
        href: "/metrics/repeat_findings".into(),
        ..Figure::default()
    }));
    Ok(Page {
        path: format!("/capabilities/{}", code.replace(':', "/")),
        title: capability(code, context.names()),
        question: "Where does this capability fail?".into(),
        sections,
    })
}
