//! The five headline figures, of the state or of a region: value, interval, trend and verdict.

use hotwash_metrics::{Dimension, MetricError, MetricRow, Reliability, Unit};
use hotwash_statistics::trend as trend_of;

use crate::context::{PageContext, period, start};
use crate::days::Extent;
use crate::drawing::{Icon, Spark};
use crate::page::Tile;
use crate::parts::measures::{MEASURES, QUARTERS, years};
use crate::query::PageAnswers;
use crate::wording::{
    self, Better, course, day, interval, measured, noun, thousands, trend, value,
};

/// Source of a figure's trend.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    /// The records of each quarter.
    Quarters,
    /// The state at the end of each quarter.
    QuarterEnds,
}

/// A headline figure.
struct Headline {
    metric: &'static str,
    label: &'static str,
    what: &'static str,
    href: &'static str,
    better: Better,
    course: Course,
}

/// The five headline figures.
const HEADLINES: [Headline; 5] = [
    Headline {
        metric: "capability_performance",
        label: "Performed well (P or S)",
        what: "ratings",
        href: "/capabilities",
        better: Better::Higher,
        course: Course::Quarters,
    },
    Headline {
        metric: "action_on_time",
        label: "Actions finished on time",
        what: "actions due",
        href: "/actions",
        better: Better::Higher,
        course: Course::Quarters,
    },
    Headline {
        metric: "action_overdue",
        label: "Actions overdue",
        what: "open actions",
        href: "/actions?due=overdue",
        better: Better::Lower,
        course: Course::QuarterEnds,
    },
    Headline {
        metric: "aar_timeliness",
        label: "Reports within 60 days",
        what: "events",
        href: "/metrics/aar_timeliness",
        better: Better::Higher,
        course: Course::Quarters,
    },
    Headline {
        metric: "hazard_coverage",
        label: "Top risks exercised",
        what: "top risks",
        href: "/risks",
        better: Better::Higher,
        course: Course::QuarterEnds,
    },
];

/// Names the records that a metric counts.
pub fn counted_by(metric: &str) -> &'static str {
    let headlines = HEADLINES.iter().map(|headline| (headline.metric, headline.what));
    let measures = MEASURES.iter().map(|measure| (measure.metric, measure.what));
    let mut known = headlines.chain(measures);
    known.find(|(id, _)| *id == metric).map_or("records", |(_, what)| what)
}

/// Returns the headline figures of the state, or of a region compared with the state.
pub fn tiles(context: &PageContext<'_>, region: Option<&str>) -> Result<Vec<Tile>, MetricError> {
    let filters: Vec<(Dimension, &str)> =
        region.map(|code| (Dimension::Region, code)).into_iter().collect();
    let state = region.map(|_| PageContext {
        snapshot: context.snapshot,
        viewer: context.viewer,
        parameters: crate::parameters::PageParameters {
            region: None,
            ..context.parameters.clone()
        },
        answers: PageAnswers::new(),
        record_type: context.record_type,
        source_name: context.source_name,
        not_released: Default::default(),
        overdue: Default::default(),
        reach: context.reach.clone(),
    });
    let mut tiles = Vec::new();
    for headline in &HEADLINES {
        let row = context.one(headline.metric, &filters)?;
        let mut tile = tile(context, headline, row.as_ref());
        let (spark, course) = verdict(context, headline, &filters)?;
        (tile.spark, tile.icon) = (Some(spark), Some(course.icon));
        (tile.verdict, tile.movement) = (course.sentence, course.movement);
        if let Some(state) = &state {
            let state_row = state.one(headline.metric, &[])?;
            tile.comparison = state_row
                .map(|row| match row.unit {
                    _ if row.reliability == Reliability::Suppressed => "State: suppressed".into(),
                    Unit::Count => format!(
                        "State: {} of {}",
                        value(row.value, row.unit),
                        thousands(row.n as f64)
                    ),
                    unit => format!("State: {}", value(row.value, unit)),
                })
                .unwrap_or_default();
        }
        tile.records = match region {
            Some(code) => format!("/records/{}?region={code}", headline.metric),
            None => format!("/records/{}", headline.metric),
        };
        tiles.push(tile);
    }
    Ok(tiles)
}

fn tile(context: &PageContext<'_>, headline: &Headline, row: Option<&MetricRow>) -> Tile {
    let named = Tile {
        label: headline.label.into(),
        href: headline.href.into(),
        metric: headline.metric.into(),
        ..Tile::default()
    };
    let Some(row) = row else {
        let detail = context.absence(headline.metric).into();
        return Tile { value: "–".into(), detail, hollow: true, ..named };
    };
    let (interval, n) = (interval(row), thousands(row.n as f64));
    let what = noun(row.n, headline.what);
    let detail = if !row.is_judged() || row.value.is_none() {
        measured(row, headline.what)
    } else if Extent::of(headline.metric) == Extent::State {
        let range =
            if interval.is_empty() { String::new() } else { format!("95% range {interval}; ") };
        format!("{range}of {n} {what} on {}", day(context.as_of()))
    } else if interval.is_empty() {
        format!("of {n} {what}")
    } else {
        format!("95% range {interval}; {n} {what}")
    };
    let overdue = row.note.iter().filter(|_| row.reliability == Reliability::Stale);
    let detail = overdue.fold(detail, |detail, note| format!("{detail}. {note}"));
    Tile {
        value: value(row.value, row.unit),
        detail,
        share: row
            .value
            .filter(|_| row.unit == Unit::Share)
            .map(|share| (share, row.ci_low.zip(row.ci_high))),
        hollow: row.reliability != Reliability::Ok,
        ..named
    }
}

/// Returns the sparkline and the trend of a figure. Ratings use the published trend.
fn verdict(
    context: &PageContext<'_>,
    headline: &Headline,
    filters: &[(Dimension, &str)],
) -> Result<(Spark, wording::Course), MetricError> {
    // As in the trend of ratings, every quarter with records counts, however few.
    let judged = |row: &MetricRow| row.value.filter(|_| row.n > 0);
    let is_suppressed = |row: &MetricRow| row.reliability == Reliability::Suppressed;
    let mut has_suppressed = false;
    let periods: Vec<(f64, String, Option<f64>)> = match headline.course {
        Course::Quarters => {
            let rows = context.quarters(headline.metric, &[], filters)?;
            has_suppressed = rows.iter().any(is_suppressed);
            let period = |row: &MetricRow| Some((years(start(row)?), period(row), judged(row)));
            rows.iter().filter_map(period).collect()
        }
        Course::QuarterEnds => {
            let rows = context.at_quarter_ends(headline.metric, filters)?;
            rows.iter().map(|(on, row)| (years(*on), day(*on), judged(row))).collect()
        }
    };
    let unit = hotwash_metrics::find(headline.metric)?.definition().unit;
    let spark = Spark {
        periods: periods.iter().map(|(_, period, value)| (period.clone(), *value)).collect(),
        unit,
    };
    if headline.metric == "capability_performance"
        && let Some(row) = context.trend(filters)?
    {
        return Ok((spark, trend(&row)));
    }
    if headline.course == Course::QuarterEnds && context.is_withheld(headline.metric) {
        let sentence = "Earlier days are not published".to_owned();
        return Ok((spark, wording::Course { icon: Icon::Unknown, sentence, movement: None }));
    }
    if periods.is_empty() {
        let sentence = context.absence(headline.metric).to_owned();
        return Ok((spark, wording::Course { icon: Icon::Unknown, sentence, movement: None }));
    }
    let known: Vec<(f64, f64)> =
        periods.iter().filter_map(|(at, _, value)| value.map(|value| (*at, value))).collect();
    if has_suppressed && known.len() < QUARTERS {
        return Ok((spark, wording::suppressed_trend()));
    }
    let course = course(&trend_of(&known, QUARTERS), headline.better, unit, known.len());
    Ok((spark, course))
}
