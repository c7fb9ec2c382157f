//! What is past due? Open actions past their due date, by age.

use chrono::NaiveDate;
use serde_json::Map;

use super::{Metric, dimensions};
use crate::cube::{Condition, Term, column, cube, day, first_day, integer};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability};
use crate::snapshot::{Snapshot, opened};

/// The metric.
pub struct ActionOverdue;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "action_overdue",
    title: "Overdue actions",
    question: "What is past due, and for how long?",
    unit: Unit::Count,
    formula: "Actions open at the as-of day whose current due date is before that day, by how long \
        they are overdue.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 0,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::integer("open", "open actions"),
        Extra::integer("days1To30", "overdue 1 to 30 days"),
        Extra::integer("days31To90", "overdue 31 to 90 days"),
        Extra::integer("days91To180", "overdue 91 to 180 days"),
        Extra::integer("daysOver180", "overdue more than 180 days"),
    ],
};

/// Age bands of overdue actions, first and last day; 0 for no upper end.
const BANDS: [(&str, i64, i64); 4] = [
    ("days1To30", 1, 30),
    ("days31To90", 31, 90),
    ("days91To180", 91, 180),
    ("daysOver180", 181, 0),
];

/// True if the action is neither completed nor canceled by the as-of day.
fn open(query: &MetricQuery) -> Condition {
    let not_ended = |name: &'static str| column(name).not_by(day(query.as_of));
    not_ended("completed_on").and(not_ended("cancelled_on"))
}

/// Days by which an action is overdue.
fn late(query: &MetricQuery) -> Term {
    day(query.as_of).less(column("due_current_on"))
}

/// True if an action is overdue by this many days; 0 for no upper end.
fn band(query: &MetricQuery, from: i64, to: i64) -> Condition {
    let at_least = late(query).from(integer(from));
    if to == 0 { at_least } else { at_least.and(late(query).up_to(integer(to))) }
}

impl Metric for ActionOverdue {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let open = Facts::actions(opened(query).by_day("opened_on").only(open(query)))
            .numerator(late(query).from(integer(1)))
            .counted_in(&["open"]);
        Ok(vec![
            BANDS
                .into_iter()
                .fold(open, |facts, (name, from, to)| facts.stating(name, band(query, from, to))),
        ])
    }

    fn state_since(&self, snapshot: &Snapshot) -> Result<Option<NaiveDate>, MetricError> {
        first_day(snapshot, "actions", "opened_on")
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let open = || open(query);
        // A group whose actions have all ended is a row with 0.
        let mut actions = opened(query)
            .by_day("opened_on")
            .count("open", open())
            .count("overdue", open().and(late(query).from(integer(1))));
        for (name, from, to) in BANDS {
            actions = actions.count(name, open().and(band(query, from, to)));
        }
        let groups = cube(snapshot, &actions, query, group_by)?;
        let rows = groups.iter().map(|group| {
            let mut extra = Map::new();
            extra.insert("open".into(), group.sum("open").into());
            for (name, _, _) in BANDS {
                extra.insert(name.into(), group.sum(name).into());
            }
            let (overdue, open) = (group.sum("overdue") as f64, group.sum("open"));
            MetricRow {
                dimensions: dimensions(group, group_by),
                value: Some(overdue),
                unit: DEFINITION.unit,
                numerator: Some(overdue),
                denominator: Some(open as f64),
                n: open.unsigned_abs(),
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
