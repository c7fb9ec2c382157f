//! Do we perform as well in real incidents as in exercises?

use serde_json::Map;

use super::{Metric, dimensions};
use crate::cube::{CellGroup, Condition, cube, filled, is, named};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability};
use crate::snapshot::Snapshot;
use hotwash_statistics::newcombe;

/// The metric.
pub struct ExerciseIncidentGap;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "exercise_incident_gap",
    title: "Exercise and incident gap",
    question: "Do we perform as well in real incidents as in exercises?",
    unit: Unit::Share,
    formula: "Share P + S in exercises minus share P + S in incidents. Newcombe interval (method \
        10). Requires 5 ratings of each kind. Read it with care: exercises choose easier \
        objectives, and only some incidents get a report.",
    reference: "Newcombe 1998",
    dimensions: &[
        Dimension::Region,
        Dimension::Capability,
        Dimension::Framework,
        Dimension::Hazard,
        Dimension::HazardCategory,
    ],
    default_group_by: &[Dimension::Capability],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("exerciseShare", "share P + S in exercises"),
        Extra::number("incidentShare", "share P + S in incidents"),
        Extra::integer("exerciseN", "ratings in exercises"),
        Extra::integer("incidentN", "ratings in incidents"),
    ],
};

/// Ratings of exercises and incidents.
fn ratings() -> Facts {
    let ratings = super::capability_performance::ratings();
    let compared = kind("EXERCISE").or(kind("INCIDENT"));
    Facts::ratings(ratings.cube().only(compared)).numerator(is("good"))
}

fn kind(kind: &str) -> Condition {
    named("event_kind", kind)
}

impl Metric for ExerciseIncidentGap {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, _query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let all = super::capability_performance::ratings();
        let of = |wanted: &str| Facts::ratings(all.cube().only(kind(wanted))).numerator(is("good"));
        Ok(vec![
            ratings(),
            // Each of the two shares is published separately.
            of("EXERCISE").counted_in(&["exerciseN"]),
            of("INCIDENT").counted_in(&["incidentN"]),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let ratings = ratings()
            .cube()
            .count("exercise_rated", kind("EXERCISE"))
            .count("exercise_good", kind("EXERCISE").and(is("good")))
            .count("incident_rated", kind("INCIDENT"))
            .count("incident_good", kind("INCIDENT").and(is("good")));
        let groups = filled(cube(snapshot, &ratings, query, group_by)?, query);
        Ok(groups
            .iter()
            .filter(|group| group.count() > 0 || group.period.is_some())
            .map(|group| gap(group, group_by))
            .collect())
    }
}

fn gap(group: &CellGroup, group_by: &[Dimension]) -> MetricRow {
    let [a, n, b, m] = ["exercise_good", "exercise_rated", "incident_good", "incident_rated"]
        .map(|name| group.sum(name) as f64);
    let difference = newcombe(a, n, b, m);
    let meets_minimum = n >= DEFINITION.minimum_n as f64 && m >= DEFINITION.minimum_n as f64;
    let mut extra = Map::new();
    extra.insert("exerciseShare".into(), crate::row::number((n > 0.0).then(|| a / n)));
    extra.insert("incidentShare".into(), crate::row::number((m > 0.0).then(|| b / m)));
    extra.insert("exerciseN".into(), (n as u64).into());
    extra.insert("incidentN".into(), (m as u64).into());
    MetricRow {
        dimensions: dimensions(group, group_by),
        value: difference.map(|(difference, _, _)| difference),
        unit: DEFINITION.unit,
        numerator: None,
        denominator: None,
        n: (n + m) as u64,
        ci_low: difference.map(|(_, low, _)| low),
        ci_high: difference.map(|(_, _, high)| high),
        reliability: if meets_minimum { Reliability::Ok } else { Reliability::LowN },
        note: (!meets_minimum)
            .then(|| format!("ratings: {n} in exercises and {m} in incidents; 5 of each needed")),
        extra,
    }
}
