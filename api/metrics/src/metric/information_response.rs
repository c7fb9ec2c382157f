//! Do members answer requests for information? Reports received by the time due, as a share of
//! those requested.

use std::collections::BTreeMap;

use serde_json::Map;

use super::{Metric, single};
use crate::cube::{Cube, column, cube, filled, integer};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, number};
use crate::snapshot::Snapshot;
use hotwash_statistics::order::median;

/// The metric.
pub struct InformationResponse;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "information_response",
    title: "Information response",
    question: "Do members answer requests for information?",
    unit: Unit::Share,
    formula: "Reports received by the time due / organizations that were sent the request. Wilson \
        interval. Also the median, over requests, of the minutes until 90% had reported. Regions \
        are those of the event, disciplines those of the organization.",
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
        Extra::integer("requests", "requests sent"),
        Extra::number("minutesTo90", "median minutes until 90% had reported"),
        Extra::integer("reached90", "requests that at least 90% answered"),
        Extra::integer("answered", "reports received, on time or late"),
    ],
};

/// Requested reports of events that were held; those received by the time due are in the numerator.
fn reports() -> Facts {
    let reports = Cube::of("information_reports").by_day("local_date");
    let received = || column("received_minute");
    let on_time = column("due_minute").known().not().or(received().up_to(column("due_minute")));
    Facts::of("InformationRequest", "request_id", reports)
        .numerator(received().known().and(on_time))
}

impl Metric for InformationResponse {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, _query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        // Few requests, or those of one organization, may have reached 90%.
        let of_requests = reports().unlisted().for_extras(&["minutesTo90", "reached90"]);
        let answered = column("received_minute").known();
        Ok(vec![reports().stating("answered", answered), of_requests.unreleased()])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let received = || column("received_minute");
        let reports = reports()
            .cube()
            .key("request_id", column("request_id"))
            .key("minutes", received().less(column("asked_minute")).at_least(integer(0)))
            .count("answered", received().known())
            .count("in_time", reports().is_in_numerator());
        let groups = filled(cube(snapshot, &reports, query, group_by)?, query);
        let rows = groups.iter().filter(|group| group.count() > 0 || group.period.is_some()).map(
            |group| {
                let mut by_request: BTreeMap<i64, Vec<(Option<i64>, u64)>> = BTreeMap::new();
                let cells = group
                    .integer("request_id")
                    .iter()
                    .zip(group.integer("minutes"))
                    .zip(group.counts());
                for ((request, took), count) in cells {
                    by_request.entry(request.unwrap_or(-1)).or_default().push((*took, *count));
                }
                let to_90: Vec<f64> = by_request
                    .values()
                    .filter_map(|times| to_90(times))
                    .map(|minutes| minutes as f64)
                    .collect();
                let mut extra = Map::new();
                extra.insert("requests".into(), by_request.len().into());
                extra.insert("minutesTo90".into(), number(median(&to_90)));
                extra.insert("reached90".into(), to_90.len().into());
                extra.insert("answered".into(), group.sum("answered").into());
                let in_time = group.sum("in_time") as usize;
                single::share(
                    &DEFINITION,
                    &single::key(group),
                    group_by,
                    in_time,
                    group.count() as usize,
                    extra,
                )
            },
        );
        Ok(rows.collect())
    }
}

/// Minutes until 90% of the organizations had reported; `None` if fewer ever did.
fn to_90(times: &[(Option<i64>, u64)]) -> Option<i64> {
    let request_count: u64 = times.iter().map(|(_, count)| *count).sum();
    let needed = (request_count as f64 * 0.9).ceil() as u64;
    let mut took: Vec<(i64, u64)> =
        times.iter().filter_map(|(took, count)| Some(((*took)?, *count))).collect();
    took.sort_unstable();
    let mut reported = 0;
    took.into_iter().find_map(|(minutes, count)| {
        reported += count;
        (needed > 0 && reported >= needed).then_some(minutes)
    })
}
