//! `/`: are we getting better, and what needs a decision?

use chrono::{Days, Months};
use hotwash_metrics::{
    Behind, Clusters, Dimension, Grain, MetricError, MetricQuery, MetricRow, Period, Unit, between,
};

use crate::context::{PageContext, extra, key, start};
use crate::definition::{ReportPage, Sheet};
use crate::drawing::{Bar, Bars, Drawing, Icon, Map, RegionShape};
use crate::outlines;
use crate::page::{Figure, FigureCell, Page, Section, Span, Tile, link};
use crate::parts::asks;
use crate::parts::priorities;
use crate::parts::story::story;
use crate::parts::tiles::tiles;
use crate::wording::{
    Better, begun, change, counted, day, listed, measured, period_name, spelled, thousands, value,
};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Overview"),
    print: Some(Sheet {
        title: Some("Summary"),
        // The summary fits one page; the age of the data is in the appendix.
        omitted: &["data_quality"],
        ..Sheet::PLAIN
    }),
    prerendered: true,
    copied: true,
    needs_records: true,
    queries: |context, _| asks::queries(context),
    ..ReportPage::one("/", page)
};

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let tiles = tiles(context, None)?;
    Ok(Page {
        title: "Overview".into(),
        question: "Are we getting better, and what needs a decision?".into(),
        sections: vec![
            Section::Story(story(context, &tiles)?),
            asks::figure(context)?.into(),
            Section::Heading("Headline measures".into(), lead(&tiles)),
            Section::Tiles(tiles),
            priorities::first(context, 10)?.into(),
            regions(context)?.into(),
            changes(context)?.into(),
            freshness(context)?.into(),
        ],
        by_region: true,
        by_framework: true,
        ..Page::default()
    })
}

/// Sentence about the headline figures: which headline figures move, and which do not.
fn lead(tiles: &[Tile]) -> String {
    let named = |wanted: fn(Icon) -> bool| -> Vec<String> {
        tiles
            .iter()
            .filter(|tile| tile.icon.is_some_and(wanted))
            .map(|tile| {
                tile.label.to_lowercase().replace("performed well (p or s)", "rated P or S")
            })
            .collect()
    };
    let better = named(|icon| matches!(icon, Icon::Better(_)));
    let worse = named(|icon| matches!(icon, Icon::Worse(_)));
    let steady = named(|icon| icon == Icon::Steady);
    let unknown = named(|icon| icon == Icon::Unknown);
    let total = tiles.len();
    let moving = |names: &[String], what: &str| {
        let verb = if names.len() == 1 { "is" } else { "are" };
        format!("{verb} {what} ({})", listed(names))
    };
    let of_all = format!("{} headline measures", spelled(total));
    let mut lead = match (better.len(), worse.len()) {
        (0, 0) => "No headline measure shows a clear trend.".to_owned(),
        (up, 0) => {
            format!("{} of {} {}.", begun(up), of_all, moving(&better, "improving"))
        }
        (0, down) => {
            format!("{} of {} {}.", begun(down), of_all, moving(&worse, "getting worse"))
        }
        (up, down) => format!(
            "{} of {of_all} {}, and {} {}.",
            begun(up),
            moving(&better, "improving"),
            spelled(down),
            moving(&worse, "getting worse")
        ),
    };
    if !steady.is_empty() && better.len() + worse.len() > 0 {
        lead += &format!(" No clear trend: {}.", listed(&steady));
    }
    if !unknown.is_empty() {
        lead += &format!(" Too few quarters to judge: {}.", listed(&unknown));
    }
    lead
}

/// Regions as a map, or as bars where outlines are missing.
fn regions(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let rows = context.by("capability_performance", &[Dimension::Region], &[], None)?;
    let merged = outlines::merged(&context.snapshot.municipalities);
    let shapes: Vec<RegionShape> = context
        .snapshot
        .regions
        .values()
        .filter(|region| region.id > 0)
        .map(|region| {
            let row = rows.iter().find(|row| key(row, Dimension::Region) == region.code);
            let judged = row.filter(|row| row.is_judged()).and_then(|row| row.value);
            RegionShape {
                name: context.region(&region.code),
                // Shades cover 40% to 100%, since lower shares are rare.
                level: judged.map(|share| (share - 0.4) / 0.6),
                text: row.map_or_else(|| "no ratings".to_owned(), |row| value(judged, row.unit)),
                href: format!("/regions/{}", region.code),
                outline: merged.get(&region.id).cloned().unwrap_or_default(),
            }
        })
        .collect();
    let missing: Vec<String> = shapes
        .iter()
        .filter(|shape| shape.outline.rings.is_empty())
        .map(|shape| shape.name.clone())
        .collect();
    let on_map = missing.len() < shapes.len();
    let drawing = if on_map {
        Drawing::Map(Map {
            grid: outlines::grid(),
            shapes,
            ends: ("40% or less".into(), "100%".into()),
        })
    } else {
        // Regions of other states have no outlines here; show their figures as bars.
        Drawing::Bars(Bars {
            lines: rows
                .iter()
                .map(|row| {
                    let share = row.value.unwrap_or_default();
                    Bar {
                        label: context.region(&key(row, Dimension::Region)),
                        value: share,
                        part: share,
                        text: value(row.value, row.unit),
                    }
                })
                .collect(),
        })
    };
    let mut reading = if on_map {
        "Share of ratings that were P or S. See Regions for which differences are meaningful."
            .to_owned()
    } else {
        "Share of ratings that were P or S. There is no map, since these regions' outlines are \
         unknown."
            .to_owned()
    };
    if on_map && !missing.is_empty() {
        reading += &format!(" Without an outline: {}.", listed(&missing));
    }
    Ok(Figure {
        title: "Regions".into(),
        reading,
        drawing,
        headings: vec!["Region".into(), "Performed well (P or S)".into()],
        rows: rows
            .iter()
            .map(|row| {
                let code = key(row, Dimension::Region);
                vec![
                    link(context.region(&code), format!("/regions/{code}")),
                    measured(row, "ratings").into(),
                ]
            })
            .collect(),
        metric: "capability_performance".into(),
        records: "/records/capability_performance".into(),
        span: Span::Half,
        ..Figure::default()
    })
}

/// Figures in the table of changes: metric, label, and true if its quarters depend on event dates.
/// Due dates continue into quarters without events.
const CHANGES: [(&str, &str, bool); 5] = [
    ("capability_performance", "Performed well (P or S)", true),
    ("action_on_time", "Actions finished on time", false),
    ("aar_timeliness", "Reports within 60 days", true),
    ("action_backlog", "Actions open", false),
    ("exercise_cadence", "Exercises held", true),
];

/// Returns the newest quarter with events and the quarter before it: the same two for every figure.
fn last_two<'a>(of_events: impl IntoIterator<Item = &'a MetricRow>) -> Option<[Period; 2]> {
    let newest = of_events.into_iter().filter(|row| row.n > 0).filter_map(start).max()?;
    let before = newest.checked_sub_months(Months::new(3))?;
    Some([before, newest].map(|start| Period { start, grain: Grain::Quarter }))
}

/// Returns a figure's values in two quarters and the change between them; a dash for a quarter
/// without a value.
fn changed(
    found: &[(MetricRow, Option<Clusters>)],
    quarters: [Period; 2],
) -> ([String; 2], Option<Icon>, String) {
    let both = quarters.map(|quarter| {
        found.iter().find(|(row, _)| start(row) == Some(quarter.start) && row.value.is_some())
    });
    let printed =
        both.map(|one| one.map_or_else(|| "–".to_owned(), |(row, _)| value(row.value, row.unit)));
    let [Some((before, clusters_before)), Some((last, clusters))] = both else {
        return (printed, None, "Nothing to compare".into());
    };
    if last.unit == Unit::Share {
        let [later, earlier] = [quarters[1], quarters[0]].map(|one| (one.start, one.end()));
        let behind = match clusters.as_ref().zip(clusters_before.as_ref()) {
            Some((clusters, before)) => Behind::Clusters(clusters, before),
            None => Behind::Days(later, earlier),
        };
        let found = between(Some(before), last, behind);
        let (icon, sentence) = change(&found, Better::Higher);
        return (printed, Some(icon), sentence);
    }
    let sentence = match last.value.unwrap_or_default() - before.value.unwrap_or_default() {
        0.0 => "Unchanged".to_owned(),
        difference if difference > 0.0 => format!("{} more", thousands(difference)),
        difference => format!("{} fewer", thousands(-difference)),
    };
    (printed, None, sentence)
}

fn changes(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let mut found: Vec<Vec<(MetricRow, Option<Clusters>)>> = Vec::new();
    for (id, _, _) in CHANGES {
        let rows = context.quarters(id, &[], &[])?;
        let query = MetricQuery { period: Some(Grain::Quarter), ..context.five_years(id, &[]) };
        let clusters = context.clusters(id, &query, &rows)?;
        found.push(rows.into_iter().zip(clusters).collect());
    }
    let of_events = CHANGES.iter().zip(&found).filter(|((_, _, of_events), _)| *of_events);
    let quarters = last_two(of_events.flat_map(|(_, rows)| rows.iter().map(|(row, _)| row)));
    let mut rows: Vec<Vec<FigureCell>> = Vec::new();
    let mut moved: Vec<String> = Vec::new();
    for ((id, label, _), found) in CHANGES.iter().zip(&found) {
        let Some(quarters) = quarters else { break };
        let (printed, icon, sentence) = changed(found, quarters);
        if matches!(icon, Some(Icon::Better(_) | Icon::Worse(_))) {
            moved.push(label.to_lowercase().replace("p or s", "P or S"));
        }
        let [before, last] = printed.map(FigureCell::from);
        rows.push(vec![link(*label, format!("/metrics/{id}")), before, last, sentence.into()]);
    }
    let [before, last] = quarters.map_or_else(
        || ["before".into(), "last".into()],
        |quarters| quarters.map(|one| period_name(&one.to_string())),
    );
    let reading = match (rows.is_empty(), moved.is_empty()) {
        (true, _) => "Not enough completed quarters to compare.".to_owned(),
        (false, true) => format!(
            "No share changed clearly from {before} to {last} (calendar quarters). Single quarters \
             have few records."
        ),
        (false, false) => {
            format!(
                "Changed clearly from {before} to {last} (calendar quarters): {}.",
                listed(&moved)
            )
        }
    };
    Ok(Figure {
        title: "Change from last quarter".into(),
        reading,
        headings: vec!["Figure".into(), before, last, "Change (95% interval)".into()],
        rows,
        span: Span::Half,
        ..Figure::default()
    })
}

fn freshness(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let mut rows = context.rows("data_quality", &context.metric_query("data_quality"))?;
    rows.sort_by(|one, two| {
        extra(one, "daysSinceNewest")
            .unwrap_or(f64::MAX)
            .total_cmp(&extra(two, "daysSinceNewest").unwrap_or(f64::MAX))
    });
    let newest = rows.first().and_then(|row| extra(row, "daysSinceNewest"));
    Ok(Figure {
        title: "Age of the data".into(),
        reading: newest.map_or_else(
            || "No file has been loaded.".to_owned(),
            |days| {
                let newest = context.as_of() - Days::new(days.max(0.0) as u64);
                let age = counted(days, "day", "days");
                format!("The latest event is {age} older than the as-of day ({}).", day(newest))
            },
        ),
        headings: ["Source", "Files", "Rows read", "Rejected", "Days since the newest event"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let count = |name: &str| extra(row, name).map(thousands).unwrap_or_default();
                vec![
                    link(context.group(Dimension::Source, &key(row, Dimension::Source)), "/data"),
                    count("files").into(),
                    count("rowsRead").into(),
                    count("rowsRejected").into(),
                    count("daysSinceNewest").into(),
                ]
            })
            .collect(),
        metric: "data_quality".into(),
        ..Figure::default()
    })
}

#[cfg(test)]
mod tests {
    use hotwash_metrics::Reliability;

    use super::*;

    #[test]
    fn the_lead_names_what_moves_and_claims_nothing_of_the_rest() {
        let tile = |label: &str, icon: Icon| Tile {
            label: label.into(),
            icon: Some(icon),
            ..Tile::default()
        };
        for (tiles, expected) in [
            (
                vec![
                    tile("Performed well (P or S)", Icon::Better(true)),
                    tile("Actions overdue", Icon::Worse(true)),
                    tile("Actions finished on time", Icon::Steady),
                ],
                "One of three headline measures is improving (rated P or S), and one is getting \
                 worse (actions overdue). No clear trend: actions finished on time.",
            ),
            (
                vec![
                    tile("Actions finished on time", Icon::Steady),
                    tile("Top risks exercised", Icon::Unknown),
                ],
                "No headline measure shows a clear trend. Too few quarters to judge: top risks \
                 exercised.",
            ),
        ] {
            assert_eq!(lead(&tiles), expected);
        }
    }

    #[test]
    fn figures_are_compared_in_the_same_two_quarters() {
        let row = |quarter: &str, unit: Unit, (numerator, n): (f64, u64)| MetricRow {
            dimensions: [("periodStart".to_owned(), quarter.into())].into_iter().collect(),
            value: Some(if unit == Unit::Share { numerator / n as f64 } else { numerator }),
            unit,
            numerator: Some(numerator),
            denominator: Some(n as f64),
            n,
            ci_low: None,
            ci_high: None,
            reliability: Reliability::Ok,
            note: None,
            extra: serde_json::Map::new(),
        };
        let share = |quarter: &str, part: f64| row(quarter, Unit::Share, (part, 100));
        let ratings = [share("2026-01-01", 60.0), share("2026-04-01", 70.0)];
        // Due dates and open actions continue into a quarter without events.
        let on_time =
            [share("2026-01-01", 31.0), share("2026-04-01", 62.0), share("2026-07-01", 58.0)];
        let on_time = on_time.map(|row| (row, None));
        let open = |quarter: &str, count: u64| row(quarter, Unit::Count, (count as f64, count));
        let backlog = [open("2026-01-01", 581), open("2026-04-01", 563), open("2026-07-01", 563)];
        let backlog = backlog.map(|row| (row, None));
        let quarters = last_two(&ratings).unwrap();
        assert_eq!(quarters.map(|quarter| quarter.to_string()), ["2026-Q1", "2026-Q2"]);
        let (printed, icon, sentence) = changed(&on_time, quarters);
        assert_eq!(
            (printed, icon),
            (["31%", "62%"].map(str::to_owned), Some(Icon::Better(true))),
            "{sentence}"
        );
        assert!(sentence.starts_with("Better: +31.0 points"), "{sentence}");
        let (printed, _, sentence) = changed(&backlog, quarters);
        assert_eq!((printed, sentence.as_str()), (["581", "563"].map(str::to_owned), "18 fewer"));
        let (printed, icon, sentence) = changed(&on_time[1..], quarters);
        assert_eq!((printed, icon), (["–", "62%"].map(str::to_owned), None), "{sentence}");
        assert_eq!(last_two(&[]), None);
    }
}
