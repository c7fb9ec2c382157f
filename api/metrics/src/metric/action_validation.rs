//! Is completed work proved? Validated actions of those completed at least a year ago.

use chrono::Months;
use hotwash_schema::access::Viewer;
use serde_json::Map;

use super::{Metric, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Unit};
use crate::row::Row;
use crate::snapshot::Snapshot;
use crate::snapshot::index::{days, grouped, integers, labels};

/// The metric.
pub struct ActionValidation;

static DEFINITION: Definition = Definition {
    id: "action_validation",
    title: "Validation",
    question: "Is completed work proved?",
    unit: Unit::Share,
    formula: "Actions validated in a later exercise or incident / actions completed at least 12 months before the as-of day; Wilson interval. Periods go by the day of completion.",
    reference: "DHS OIG-12-118: completed actions were not validated",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    extras: &[],
};

impl Metric for ActionValidation {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        group_by: &[Dimension],
        _viewer: &Viewer,
    ) -> Result<Vec<Row>, MetricError> {
        let frame = snapshot.frame("actions");
        let (completed, validated) = (days(frame, "completed_on")?, days(frame, "validated_on")?);
        let (regions, capabilities, frameworks) =
            (integers(frame, "region_id")?, labels(frame, "capability")?, labels(frame, "framework")?);
        let old = ask.as_of.checked_sub_months(Months::new(12)).unwrap_or(ask.as_of);
        let records = (0..frame.height()).filter(|place| completed[*place].is_some_and(|day| day <= old));
        let groups = grouped(
            records,
            ask,
            group_by,
            |place| completed[*place].unwrap_or_default(),
            |place, dimension| match dimension {
                Dimension::Region => vec![snapshot.region_code(regions[*place].unwrap_or(-1) as i32)],
                Dimension::Capability => vec![capabilities[*place].clone()],
                _ => vec![frameworks[*place].clone()],
            },
        );
        let proved = |place: &&usize| validated[**place].is_some_and(|day| day <= ask.as_of);
        Ok(groups
            .iter()
            .map(|(key, records)| {
                single::share(
                    &DEFINITION,
                    key,
                    group_by,
                    records.iter().filter(proved).count(),
                    records.len(),
                    Map::new(),
                )
            })
            .collect())
    }
}
