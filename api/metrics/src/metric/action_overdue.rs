//! What is past due? Open actions past their due date, by age.

use serde_json::Map;

use super::{Metric, dimensions};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cube, column, cube, day, whole};
use crate::definition::{Definition, Unit};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;

/// The metric.
pub struct ActionOverdue;

static DEFINITION: Definition = Definition {
    id: "action_overdue",
    title: "Overdue actions",
    question: "What is past due, and for how long?",
    unit: Unit::Count,
    formula: "Actions open at the as-of day whose present due date lies before it, with age bands.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 0,
    parameters: &[],
    single_records: &[],
    extras: &[
        ("open", "open actions"),
        ("days1To30", "overdue 1 to 30 days"),
        ("days31To90", "overdue 31 to 90 days"),
        ("days91To180", "overdue 91 to 180 days"),
        ("daysOver180", "overdue more than 180 days"),
    ],
};

/// Age bands of overdue actions in days, first and last; 0 for no end.
const BANDS: [(&str, i64, i64); 4] =
    [("days1To30", 1, 30), ("days31To90", 31, 90), ("days91To180", 91, 180), ("daysOver180", 181, 0)];

impl Metric for ActionOverdue {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let as_of = || day(ask.as_of);
        let late = || as_of().less(column("due_current_on"));
        let mut open = Cube::of("actions")
            .by_day("opened_on")
            .only(column("opened_on").up_to(as_of()))
            .only(column("completed_on").not_by(as_of()))
            .only(column("cancelled_on").not_by(as_of()))
            .count("overdue", late().from(whole(1)));
        for (name, from, to) in BANDS {
            let band = late().from(whole(from));
            open = open.count(name, if to == 0 { band } else { band.and(late().up_to(whole(to))) });
        }
        let asked = Ask { period: None, ..ask.clone() };
        let groups = cube(snapshot, &open, &asked, group_by)?;
        let rows = groups.iter().map(|group| {
            let mut extra = Map::new();
            extra.insert("open".into(), group.count().into());
            for (name, _, _) in BANDS {
                extra.insert(name.into(), group.sum(name).into());
            }
            let overdue = group.sum("overdue") as f64;
            Row {
                dimensions: dimensions(group, group_by),
                value: Some(overdue),
                unit: DEFINITION.unit,
                numerator: Some(overdue),
                denominator: Some(group.count() as f64),
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
