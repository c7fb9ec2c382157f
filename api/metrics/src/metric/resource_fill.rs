//! Do we get what we ask for? Quantities filled of those asked, how soon, and in time.

use serde_json::{Map, Value};

use super::{Metric, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::{days, grouped, integers, numbers};
use crate::stats::{kaplan_meier, wilson};

/// The metric.
pub struct ResourceFill;

static DEFINITION: Definition = Definition {
    id: "resource_fill",
    title: "Resource fill",
    question: "Do we get what we ask for?",
    unit: Unit::Share,
    formula: "Quantity filled / quantity asked over requests not cancelled. Beside it the share of requests filled in full with its Wilson interval, the Kaplan-Meier median of the minutes to fill (open ones censored at the as-of day), and the share filled by the time needed.",
    reference: "ICS 213RR; Kaplan and Meier 1958",
    dimensions: &[Dimension::Region, Dimension::Hazard, Dimension::HazardCategory],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("shareFull", "requests filled in full"),
        Extra::number("shareFullLow", "lower end of its interval"),
        Extra::number("shareFullHigh", "upper end of its interval"),
        Extra::number("medianMinutes", "median minutes to fill"),
        Extra::number("onTime", "share filled by the time needed"),
    ],
};

impl Metric for ResourceFill {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let frame = snapshot.frame("resource_requests");
        let (when, regions, hazards) =
            (days(frame, "local_date")?, integers(frame, "region_id")?, integers(frame, "hazard_id")?);
        let (asked, filled) = (numbers(frame, "asked")?, numbers(frame, "filled")?);
        let (asked_at, needed_at, filled_at) =
            (integers(frame, "asked_minute")?, integers(frame, "needed_minute")?, integers(frame, "filled_minute")?);
        let until = ask.last_minute();
        // What was filled after the as-of day had not been filled on it.
        let filled: Vec<Option<f64>> = filled
            .into_iter()
            .zip(&filled_at)
            .map(|(quantity, at)| if at.is_some_and(|at| at > until) { Some(0.0) } else { quantity })
            .collect();
        let records = (0..frame.height()).filter(|place| when[*place].is_some_and(|day| day <= ask.as_of));
        let groups = grouped(
            records,
            ask,
            group_by,
            |place| when[*place].unwrap_or_default(),
            |place, dimension| {
                vec![match dimension {
                    Dimension::Region => snapshot.region_code(regions[*place].unwrap_or(-1) as i32),
                    other => snapshot.of_hazard(hazards[*place].unwrap_or(-1) as i32, other),
                }]
            },
        );
        let rows = groups.iter().map(|(key, places)| {
            let sum = |list: &[Option<f64>]| places.iter().filter_map(|place| list[*place]).sum::<f64>();
            let (wanted, got) = (
                sum(&asked),
                places.iter().map(|place| filled[*place].unwrap_or(0.0).min(asked[*place].unwrap_or(0.0))).sum::<f64>(),
            );
            let full = places.iter().filter(|place| filled[**place] >= asked[**place]).count();
            let observations: Vec<(i64, bool)> = places
                .iter()
                .filter_map(|place| {
                    let start = asked_at[*place]?;
                    Some(match filled_at[*place].filter(|end| *end <= until) {
                        Some(end) => (end - start, true),
                        None => ((until - start).max(0), false),
                    })
                })
                .collect();
            let needed: Vec<&usize> =
                places.iter().filter(|place| needed_at[**place].is_some_and(|needed| needed <= until)).collect();
            let in_time = needed
                .iter()
                .filter(|place| filled_at[***place].zip(needed_at[***place]).is_some_and(|(end, needed)| end <= needed))
                .count();
            let interval = wilson(full as f64, places.len() as f64);
            let mut extra = Map::new();
            extra.insert("shareFull".into(), number(Some(full as f64 / places.len() as f64)));
            extra.insert("shareFullLow".into(), number(interval.map(|(low, _)| low)));
            extra.insert("shareFullHigh".into(), number(interval.map(|(_, high)| high)));
            extra.insert(
                "medianMinutes".into(),
                kaplan_meier(&observations).quantile(0.5).map_or(Value::Null, Value::from),
            );
            extra.insert("onTime".into(), number((!needed.is_empty()).then(|| in_time as f64 / needed.len() as f64)));
            let mut row = single::row(
                &DEFINITION,
                key,
                group_by,
                (wanted > 0.0).then(|| got / wanted),
                None,
                places.len(),
                extra,
            );
            (row.numerator, row.denominator) = (Some(got), Some(wanted));
            row
        });
        Ok(rows.collect())
    }
}
