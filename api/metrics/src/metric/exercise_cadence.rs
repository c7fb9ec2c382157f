//! How often do we exercise, and how hard? Exercises held, and the share of operations-based ones.

use serde_json::Map;

use super::{Metric, dimensions};
use crate::cube::{Cube, cube, filled, is};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability, number};
use crate::snapshot::Snapshot;
use hotwash_statistics::wilson;

/// The metric.
pub struct ExerciseCadence;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "exercise_cadence",
    title: "Exercise cadence",
    question: "How often do we exercise, and how hard?",
    unit: Unit::Count,
    formula: "Exercises held in the period. Also the share of operations-based ones (drill, \
        functional, full-scale), with its Wilson interval.",
    reference: "HSEEP 2020, exercise types",
    dimensions: &[
        Dimension::Region,
        Dimension::ExerciseType,
        Dimension::Hazard,
        Dimension::HazardCategory,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 0,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::integer("operationsBased", "operations-based exercises"),
        Extra::number("operationsShare", "share of operations-based exercises"),
        Extra::number("operationsShareLow", "lower end of its 95% interval"),
        Extra::number("operationsShareHigh", "upper end of its 95% interval"),
    ],
};

/// Exercises held.
fn exercises() -> Cube {
    Cube::of("exercises").by_day("local_date")
}

impl Metric for ExerciseCadence {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, _query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        Ok(vec![
            Facts::events(exercises())
                .all_in_numerator()
                .stating("operationsBased", is("operations")),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let exercises = exercises().sums(&["operations"]);
        let groups = filled(cube(snapshot, &exercises, query, group_by)?, query);
        let rows = groups.iter().map(|group| {
            let (operations, count) = (group.sum("operations") as f64, group.count() as f64);
            let interval = wilson(operations, count);
            let mut extra = Map::new();
            extra.insert("operationsBased".into(), group.sum("operations").into());
            extra.insert(
                "operationsShare".into(),
                number((count > 0.0).then(|| operations / count)),
            );
            extra.insert("operationsShareLow".into(), number(interval.map(|(low, _)| low)));
            extra.insert("operationsShareHigh".into(), number(interval.map(|(_, high)| high)));
            MetricRow {
                dimensions: dimensions(group, group_by),
                value: Some(count),
                unit: DEFINITION.unit,
                numerator: Some(count),
                denominator: None,
                n: group.count(),
                ci_low: None,
                ci_high: None,
                reliability: Reliability::Ok,
                note: None,
                extra,
            }
        });
        Ok(rows.collect())
    }
}
