//! How well do we perform? The share of capability ratings that are P or S.

use serde_json::Map;

use super::{Metric, share};
use crate::cube::{Condition, Cube, cube, filled, is, named};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// The metric.
pub struct CapabilityPerformance;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "capability_performance",
    title: "Capability performance",
    question: "How well do we perform?",
    unit: Unit::Share,
    formula: "(P + S) / (P + S + M + U) over ratings of capabilities. Ratings of not observed do \
        not count. Wilson interval. A rating on another scale counts by that scale's best values. \
        It is never converted, so the counts of P, S, M and U do not include it.",
    reference: "HSEEP 2020, exercise evaluation",
    dimensions: &[
        Dimension::Region,
        Dimension::Capability,
        Dimension::Framework,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
    ],
    default_group_by: &[Dimension::Capability, Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::integer("p", "ratings P"),
        Extra::integer("s", "ratings S"),
        Extra::integer("m", "ratings M"),
        Extra::integer("u", "ratings U"),
        Extra::integer(
            "otherScales",
            "ratings on other scales, such as fully, partially and not performed",
        ),
        Extra::number(
            "objectiveMet",
            "share of ratings that meet the objective: P, S, M, and the equivalent on other scales",
        ),
    ],
};

/// Ratings; P and S are in the numerator.
pub(super) fn ratings() -> Facts {
    let kind = |kind| named("event_kind", kind);
    Facts::ratings(Cube::of("ratings").by_day("local_date")).numerator(is("good")).split([
        kind("EXERCISE"),
        kind("INCIDENT"),
        kind("PLANNED_EVENT"),
    ])
}

impl Metric for CapabilityPerformance {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn has_comparable_periods(&self) -> bool {
        true
    }

    fn facts(&self, _snapshot: &Snapshot, _query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let letters = ["p", "s", "m", "u"];
        let of_letters =
            letters.iter().fold(ratings(), |facts, name| facts.stating(name, is(name)));
        let has_letter = Condition::Any(letters.into_iter().map(is).collect());
        Ok(vec![of_letters.stating("otherScales", has_letter.not())])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let ratings = ratings().cube().sums(&["good", "met", "p", "s", "m", "u"]);
        let groups = filled(cube(snapshot, &ratings, query, group_by)?, query);
        let rows = groups.iter().map(|group| {
            let rated = group.count() as f64;
            let mut extra = Map::new();
            for name in ["p", "s", "m", "u"] {
                extra.insert(name.into(), group.sum(name).into());
            }
            let letters: i64 = ["p", "s", "m", "u"].iter().map(|name| group.sum(name)).sum();
            extra.insert("otherScales".into(), (group.count() as i64 - letters).into());
            let met = (rated > 0.0).then(|| group.sum("met") as f64 / rated);
            extra.insert("objectiveMet".into(), crate::row::number(met));
            share::row(&DEFINITION, group, group_by, group.sum("good") as f64, rated, extra)
        });
        Ok(rows.collect())
    }
}
