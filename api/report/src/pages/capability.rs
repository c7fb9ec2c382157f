//! `/capabilities/{framework}/{code}`: where does this capability fall short?

use chrono::NaiveDate;
use hotwash_metrics::{Dimension, MetricError, MetricRow, Reliability, Unit};

use crate::context::{PageContext, extra, key, period, start};
use crate::definition::{Advice, PathValues, ReportPage};
use crate::drawing::{Bar, Bars, Dot, Dots, Drawing, Stacked};
use crate::page::{Figure, FigureCell, Page, Span, link};
use crate::parts::marks::{self, TimeLine, slot_of_quarter};
use crate::parts::repeats::repeats_figure;
use crate::wording::{
    capability, counted, interval, measured, plain, thousands, trend, value, verb,
};

/// Definition of the pages.
pub static PAGE: ReportPage = ReportPage {
    copied: true,
    queries: |context, _| Ok(vec![marks::query(context)]),
    all_values,
    advice: Some(|_| Advice {
        text: "Capabilities are named by framework and code, as /capabilities/PHEP/6.".into(),
        links: vec![link("All capabilities", "/capabilities")],
    }),
    ..ReportPage::each("/capabilities/{framework}/{code}", page)
};

/// Returns framework and code of the rated capabilities.
fn all_values(context: &PageContext<'_>) -> Result<Vec<Vec<String>>, MetricError> {
    let rated = context.by("capability_performance", &[Dimension::Capability], &[], None)?;
    let codes = rated.iter().map(|row| key(row, Dimension::Capability));
    Ok(codes.map(|code| code.split(':').map(str::to_owned).collect()).collect())
}

/// Rating letters.
const LETTERS: [&str; 4] = ["p", "s", "m", "u"];

/// Builds the page of one capability.
fn page(context: &PageContext<'_>, values: PathValues<'_>) -> Result<Option<Page>, MetricError> {
    let code = values.join(":");
    if !context.names().contains_key(&code) {
        return Ok(None);
    }
    let code = code.as_str();
    Ok(Some(Page {
        title: capability(code, context.names()),
        question: "Where does this capability fall short?".into(),
        sections: vec![
            ratings(context, code)?.into(),
            gap(context, code)?.into(),
            elements(context, code)?.into(),
            repeats_figure(
                context.one("repeat_findings", &[(Dimension::Capability, code)])?.as_ref(),
                format!("/records/repeat_findings?capability={code}"),
            )
            .into(),
            open(context, code)?.into(),
            regions(context, code)?.into(),
        ],
        by_region: true,
        by_framework: false,
        ..Page::default()
    }))
}

fn ratings(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let only = [(Dimension::Capability, code)];
    let quarters = context.quarters("capability_performance", &[], &only)?;
    let periods: Vec<(String, [f64; 4])> = quarters
        .iter()
        .map(|row| (period(row), LETTERS.map(|name| extra(row, name).unwrap_or_default())))
        .collect();
    let course = context.trend(&only)?.map(|row| trend(&row).sentence).unwrap_or_default();
    let is_known = |row: &MetricRow| row.n > 0 || row.reliability == Reliability::Suppressed;
    let total = context.one("capability_performance", &only)?.filter(is_known);
    let starts: Vec<NaiveDate> = quarters.iter().filter_map(start).collect();
    let line = TimeLine {
        metric: "capability_performance",
        region: context.parameters.region.as_deref(),
        can_rebase: false,
    };
    let (marks, list) = line.marks(context, |day| slot_of_quarter(&starts, day));
    Ok(Figure {
        title: "Ratings by quarter".into(),
        reading: match total {
            Some(row) => format!(
                "{} {course}. Bottom to top: P performed without challenges, S with some, M with \
                 major challenges, U unable to perform.",
                measured(&row, "ratings were P or S")
            ),
            None => "No ratings on record.".into(),
        },
        drawing: Drawing::Stacked(Stacked { periods: periods.clone(), marks }),
        lists: list.into_iter().collect(),
        headings: ["Quarter", "P", "S", "M", "U"].map(str::to_owned).to_vec(),
        rows: periods
            .iter()
            .map(|(label, counts)| {
                std::iter::once(FigureCell::from(label.as_str()))
                    .chain(counts.iter().map(|count| thousands(*count).into()))
                    .collect()
            })
            .collect(),
        metric: "capability_performance".into(),
        records: format!("/records/capability_performance?capability={code}"),
        ..Figure::default()
    })
}

fn gap(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let only = [(Dimension::Capability, code)];
    let row = context
        .by("exercise_incident_gap", &[Dimension::Capability], &only, None)?
        .into_iter()
        .next();
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for (kind, label) in [("EXERCISE", "In exercises"), ("INCIDENT", "In incidents")] {
        let filters = [(Dimension::Capability, code), (Dimension::EventKind, kind)];
        let Some(row) = context.one("capability_performance", &filters)?.filter(|row| row.n > 0)
        else {
            continue;
        };
        lines.push(Dot {
            label: label.into(),
            value: row.value,
            interval: row.ci_low.zip(row.ci_high),
            text: value(row.value, row.unit),
            hollow: row.reliability != Reliability::Ok,
            ..Dot::default()
        });
        rows.push(vec![
            FigureCell::from(label),
            link(
                measured(&row, "ratings"),
                format!("/records/capability_performance?capability={code}&event_kind={kind}"),
            ),
        ]);
    }
    let reading = match &row {
        Some(row) if row.is_judged() && row.value.is_some() => {
            let (low, high) = (row.ci_low.unwrap_or_default(), row.ci_high.unwrap_or_default());
            let points = format!(
                "{} points ({} to {})",
                thousands(row.value.unwrap_or_default() * 100.0),
                thousands(low * 100.0),
                thousands(high * 100.0)
            );
            if low <= 0.0 && high >= 0.0 {
                format!("No clear difference between exercises and incidents: {points}.")
            } else {
                format!(
                    "Exercise ratings minus incident ratings: {points}. Exercises often use easier \
                     objectives, so a gap does not prove failure in real incidents."
                )
            }
        }
        Some(row) => measured(row, "ratings"),
        None => "No ratings of both exercises and incidents on record.".into(),
    };
    Ok(Figure {
        title: "Exercises compared with incidents".into(),
        reading,
        drawing: Drawing::Dots(Dots::new(lines, Unit::Share)),
        headings: vec!["Where".into(), "Performed well (P or S)".into()],
        rows,
        metric: "exercise_incident_gap".into(),
        records: format!("/records/exercise_incident_gap?capability={code}"),
        span: Span::Half,
        ..Figure::default()
    })
}

fn elements(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let mut mix =
        context.by("poete_mix", &[Dimension::Element], &[(Dimension::Capability, code)], None)?;
    mix.sort_by(|one, two| two.value.unwrap_or_default().total_cmp(&one.value.unwrap_or_default()));
    let lines = mix.iter().map(|row| Bar {
        label: plain(&key(row, Dimension::Element)),
        value: row.value.unwrap_or_default(),
        part: row.value.unwrap_or_default(),
        text: value(row.value, row.unit),
    });
    let reading = match mix.first().filter(|row| row.value.is_some()) {
        Some(first) => format!(
            "Most often {}: {} of areas for improvement ({}). Findings with several elements are \
             split between them.",
            key(first, Dimension::Element),
            value(first.value, first.unit),
            interval(first)
        )
        .replace(" ()", ""),
        None if context.is_withheld("poete_mix") => context.absence("poete_mix").into(),
        None => match mix.iter().find(|row| row.reliability == Reliability::Suppressed) {
            Some(row) => measured(row, "areas"),
            None => "No areas for improvement with a capability element on record.".into(),
        },
    };
    Ok(Figure {
        title: "Findings by element".into(),
        reading,
        drawing: Drawing::Bars(Bars { lines: lines.collect() }),
        headings: vec!["Element".into(), "Share of areas".into()],
        rows: mix
            .iter()
            .map(|row| {
                let element = key(row, Dimension::Element);
                vec![
                    FigureCell::from(plain(&element)),
                    link(
                        measured(row, "areas"),
                        format!("/records/poete_mix?capability={code}&element={element}"),
                    ),
                ]
            })
            .collect(),
        metric: "poete_mix".into(),
        records: format!("/records/poete_mix?capability={code}"),
        span: Span::Half,
        ..Figure::default()
    })
}

fn open(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let rows = context.by(
        "action_overdue",
        &[Dimension::Region],
        &[(Dimension::Capability, code)],
        None,
    )?;
    let is_suppressed = |row: &MetricRow| row.reliability == Reliability::Suppressed;
    let lines = rows.iter().map(|row| Bar {
        label: context.region(&key(row, Dimension::Region)),
        value: row.n as f64,
        part: row.value.unwrap_or_default(),
        text: match is_suppressed(row) {
            true => "suppressed".to_owned(),
            false => format!("{} of {} overdue", value(row.value, row.unit), row.n),
        },
    });
    let (open, late) = rows.iter().fold((0.0, 0.0), |(open, late), row| {
        (open + row.n as f64, late + row.value.unwrap_or_default())
    });
    Ok(Figure {
        title: "Open actions".into(),
        reading: if rows.is_empty() {
            "No open actions.".into()
        } else {
            let of = counted(open, "open action", "open actions");
            let are = verb(late, "is", "are");
            let whose = if rows.iter().any(is_suppressed) { " of the regions shown" } else { "" };
            format!("{} of {of}{whose} {are} overdue: the first part of each bar.", thousands(late))
        },
        drawing: Drawing::Bars(Bars { lines: lines.collect() }),
        headings: ["Region", "Open", "Overdue"].map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                vec![
                    link(
                        context.region(&region),
                        format!("/actions?region={region}&capability={code}"),
                    ),
                    if is_suppressed(row) { "suppressed".into() } else { row.n.to_string().into() },
                    value(row.value, row.unit).into(),
                ]
            })
            .collect(),
        metric: "action_overdue".into(),
        records: format!("/actions?capability={code}"),
        span: Span::Half,
        ..Figure::default()
    })
}

fn regions(context: &PageContext<'_>, code: &str) -> Result<Figure, MetricError> {
    let only = [(Dimension::Capability, code)];
    let performance = context.by("capability_performance", &[Dimension::Region], &only, None)?;
    let repeats = context.by("repeat_findings", &[Dimension::Region], &only, None)?;
    Ok(Figure {
        title: "By region".into(),
        reading: "Ratings, and areas for improvement that recurred.".into(),
        headings: ["Region", "Performed well (P or S)", "Repeats", "Relapses"]
            .map(str::to_owned)
            .to_vec(),
        rows: performance
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                let repeat = repeats.iter().find(|repeat| key(repeat, Dimension::Region) == region);
                vec![
                    link(context.region(&region), format!("/regions/{region}")),
                    link(
                        measured(row, "ratings"),
                        format!(
                            "/records/capability_performance?capability={code}&region={region}"
                        ),
                    ),
                    repeat.map_or_else(
                        || FigureCell::from("–"),
                        |row| {
                            link(
                                measured(row, "areas"),
                                format!(
                                    "/records/repeat_findings?capability={code}&region={region}"
                                ),
                            )
                        },
                    ),
                    repeat
                        .and_then(|row| extra(row, "relapse"))
                        .map_or_else(|| FigureCell::from("–"), |count| thousands(count).into()),
                ]
            })
            .collect(),
        metric: "repeat_findings".into(),
        ..Figure::default()
    })
}
