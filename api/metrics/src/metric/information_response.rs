//! Do members answer when asked? Reports received by the time due, of those asked.

use std::collections::BTreeMap;

use serde_json::Map;

use super::{Metric, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::{days, grouped, integers};
use crate::stats::order::median;

/// The metric.
pub struct InformationResponse;

static DEFINITION: Definition = Definition {
    id: "information_response",
    title: "Information response",
    question: "Do members answer when asked?",
    unit: Unit::Share,
    formula: "Reports received by the time due / organisations asked; Wilson interval. Beside it the median, over requests, of the minutes until 90 % had reported. By region of the event; by discipline of the organisation.",
    reference: "HPP-PHEP joint measure: essential elements of information",
    dimensions: &[
        Dimension::Region,
        Dimension::Discipline,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("requests", "requests made"),
        Extra::number("minutesTo90", "median minutes until 90 % had reported"),
        Extra::number("reached90", "requests that 90 % answered"),
        Extra::number("answered", "reports received at all"),
    ],
};

impl Metric for InformationResponse {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let frame = snapshot.frame("information_reports");
        let index = snapshot.index()?;
        let (requests, events, organizations) =
            (integers(frame, "request_id")?, integers(frame, "event_id")?, integers(frame, "organization_id")?);
        let (when, asked, due, received) = (
            days(frame, "local_date")?,
            integers(frame, "asked_minute")?,
            integers(frame, "due_minute")?,
            integers(frame, "received_minute")?,
        );
        let held = |place: &usize| events[*place].is_some_and(|id| index.events.contains_key(&id));
        let records = (0..frame.height()).filter(held).filter(|place| when[*place].is_some_and(|day| day <= ask.as_of));
        let groups = grouped(
            records,
            ask,
            group_by,
            |place| when[*place].unwrap_or_default(),
            |place, dimension| match dimension {
                Dimension::Discipline => vec![
                    organizations[*place]
                        .and_then(|id| index.organizations.get(&id))
                        .map_or_else(|| "unmapped".into(), |found| found.discipline.clone()),
                ],
                other => events[*place]
                    .and_then(|id| index.events.get(&id))
                    .map_or_else(|| vec!["unmapped".into()], |event| snapshot.of_event(event, other)),
            },
        );
        let rows = groups.iter().map(|(key, places)| {
            let in_time = places
                .iter()
                .filter(|place| received[**place].is_some_and(|at| due[**place].is_none_or(|due| at <= due)))
                .count();
            let mut by_request: BTreeMap<i64, Vec<Option<i64>>> = BTreeMap::new();
            for place in places {
                let took = received[*place].zip(asked[*place]).map(|(at, asked)| (at - asked).max(0));
                by_request.entry(requests[*place].unwrap_or(-1)).or_default().push(took);
            }
            let to_90: Vec<f64> = by_request
                .values()
                .filter_map(|times| {
                    let needed = (times.len() as f64 * 0.9).ceil() as usize;
                    let mut took: Vec<i64> = times.iter().flatten().copied().collect();
                    took.sort_unstable();
                    took.get(needed.checked_sub(1)?).map(|minutes| *minutes as f64)
                })
                .collect();
            let mut extra = Map::new();
            extra.insert("requests".into(), by_request.len().into());
            extra.insert("minutesTo90".into(), number(median(&to_90)));
            extra.insert("reached90".into(), to_90.len().into());
            extra.insert("answered".into(), places.iter().filter(|place| received[**place].is_some()).count().into());
            single::share(&DEFINITION, key, group_by, in_time, places.len(), extra)
        });
        Ok(rows.collect())
    }
}
