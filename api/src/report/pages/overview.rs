//! `/`: are we getting better, and what needs a decision?

use hotwash_metrics::{Dimension, Grain, MetricError, Reliability, Row};

use super::{Context, extra, key};
use crate::report::figure::{map, spark};
use crate::report::reading::{capability, interval, measured, trend, value};
use crate::report::{Cell, Figure, Page, Section, Tile, link};

/// The page.
pub fn page(context: &Context<'_>) -> Result<Page, MetricError> {
    Ok(Page {
        path: "/".into(),
        title: "Overview".into(),
        question: "Are we getting better, and what needs a decision?".into(),
        sections: vec![
            Section::Tiles(tiles(context, &[])?),
            priorities(context)?,
            regions(context)?,
            changes(context)?,
        ],
    })
}

/// The five headline figures, of the state or of a region.
pub fn tiles(context: &Context<'_>, filters: &[(Dimension, &str)]) -> Result<Vec<Tile>, MetricError> {
    let mut tiles = Vec::new();
    for (id, label, what, href) in [
        ("capability_performance", "Rated P or S", "ratings", "/capabilities"),
        ("action_on_time", "Actions on time", "actions due", "/actions"),
        ("action_overdue", "Actions overdue", "open actions", "/actions"),
        ("aar_timeliness", "Reports within 60 days", "events", "/metrics/aar_timeliness"),
        ("hazard_coverage", "Top risks exercised", "top risks", "/risks"),
    ] {
        let row = context.one(id, filters)?;
        let course: Vec<Option<f64>> = if ["action_overdue", "hazard_coverage"].contains(&id) {
            Vec::new()
        } else {
            context.by(id, &[], filters, Some(Grain::Quarter))?.iter().map(|row| row.value).collect()
        };
        let verdict = if id == "capability_performance" {
            context.one("capability_trend", filters)?.map(|row| trend(&row)).unwrap_or_default()
        } else {
            String::new()
        };
        tiles.push(tile(row.as_ref(), label, what, href, &course, verdict));
    }
    Ok(tiles)
}

fn tile(row: Option<&Row>, label: &str, what: &str, href: &str, course: &[Option<f64>], verdict: String) -> Tile {
    let Some(row) = row else {
        return Tile {
            label: label.into(),
            value: "–".into(),
            detail: "No records.".into(),
            href: href.into(),
            hollow: true,
            ..Tile::default()
        };
    };
    let interval = interval(row);
    let detail = match row.reliability {
        Reliability::Ok if interval.is_empty() => format!("of {} {what}", row.n),
        Reliability::Ok => format!("{interval}, {} {what}", row.n),
        _ => measured(row, what),
    };
    Tile {
        label: label.into(),
        value: value(row.value, row.unit),
        detail,
        verdict,
        spark: spark(course),
        hollow: row.reliability != Reliability::Ok,
        href: href.into(),
    }
}

fn priorities(context: &Context<'_>) -> Result<Section, MetricError> {
    let rows = context.rows("improvement_priority", &context.ask())?;
    let reading = match rows.first() {
        Some(first) => format!(
            "First: {} in region {}. Its rank lies between {} and {} in 95 % of draws; the factors are shown so that nobody has to trust one number.",
            capability(&key(first, Dimension::Capability), context.names()),
            key(first, Dimension::Region),
            extra(first, "rankLow").unwrap_or_default(),
            extra(first, "rankHigh").unwrap_or_default()
        ),
        None => "No ratings of the last 36 months to rank.".into(),
    };
    let percent = |share: Option<f64>| share.map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default();
    let table = rows.iter().take(10).map(|row| {
        let (region, code) = (key(row, Dimension::Region), key(row, Dimension::Capability));
        vec![
            Cell::from(format!(
                "{} ({} to {})",
                extra(row, "rank").unwrap_or_default(),
                extra(row, "rankLow").unwrap_or_default(),
                extra(row, "rankHigh").unwrap_or_default()
            )),
            link(capability(&code, context.names()), format!("/capabilities/{}", code.replace(':', "/"))),
            link(format!("Region {region}"), format!("/regions/{region}")),
            percent(extra(row, "gap")).into(),
            percent(extra(row, "exposure")).into(),
            percent(extra(row, "overdueShare")).into(),
            value(row.value, row.unit).into(),
        ]
    });
    Ok(Section::Table(Figure {
        title: "What needs a decision: the ten top priorities".into(),
        reading,
        headings: ["Rank (95 %)", "Capability", "Region", "Gap", "Exposure", "Overdue", "Priority"]
            .map(str::to_owned)
            .to_vec(),
        rows: table.collect(),
        href: "/metrics/improvement_priority".into(),
        ..Figure::default()
    }))
}

fn regions(context: &Context<'_>) -> Result<Section, MetricError> {
    let rows = context.by("capability_performance", &[Dimension::Region], &[], None)?;
    let shapes: Vec<(String, Option<f64>, String, String)> = context
        .regions()
        .into_iter()
        .filter_map(|(code, _)| {
            let row = rows.iter().find(|row| key(row, Dimension::Region) == code)?;
            // Shades spread over what is found, between 40 and 100 %.
            Some((
                code.clone(),
                row.value.map(|share| (share - 0.4) / 0.6),
                value(row.value, row.unit),
                format!("/regions/{code}"),
            ))
        })
        .collect();
    let table = rows.iter().map(|row| {
        vec![
            link(
                format!("Region {}", key(row, Dimension::Region)),
                format!("/regions/{}", key(row, Dimension::Region)),
            ),
            measured(row, "ratings").into(),
        ]
    });
    Ok(Section::Figure(Figure {
        title: "The regions".into(),
        reading: "Share of ratings P or S in each region; darker is higher. Differences within chance are shown on the page Regions.".into(),
        svg: map("Share of ratings P or S by region", &shapes),
        headings: vec!["Region".into(), "Rated P or S".into()],
        rows: table.collect(),
        href: "/metrics/capability_performance".into(),
    }))
}

fn changes(context: &Context<'_>) -> Result<Section, MetricError> {
    let mut rows = Vec::new();
    for (id, label) in [
        ("capability_performance", "Rated P or S"),
        ("exercise_cadence", "Exercises held"),
        ("action_closure", "Closure of actions opened"),
        ("aar_timeliness", "Reports within 60 days"),
    ] {
        let quarters = context.by(id, &[], &[], Some(Grain::Quarter))?;
        let until = super::super::text_of(quarters.last().and_then(|row| row.dimensions.get("period")));
        if let [.., before, last] = quarters.as_slice() {
            rows.push(vec![
                Cell::from(label),
                until.into(),
                measured(before, "records").into(),
                measured(last, "records").into(),
            ]);
        }
    }
    Ok(Section::Table(Figure {
        title: "Since the quarter before".into(),
        reading: "Single quarters hold few records: read the intervals before the difference.".into(),
        headings: ["Figure", "Last quarter", "The one before", "The last"].map(str::to_owned).to_vec(),
        rows,
        ..Figure::default()
    }))
}
