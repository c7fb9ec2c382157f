//! When will the open backlog be done? Simulated from the weekly closures of the last half year.

use chrono::Days;
use serde_json::{Map, Value};

use super::{Metric, amount, single};
use crate::cube::{Term, column, cube, day, integer, when};
use crate::definition::{Extra, MAX_SEED, MetricDefinition, Parameter, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability};
use crate::snapshot::{Snapshot, opened};
use hotwash_schema::vocabulary::Vocabulary;
use hotwash_statistics::draws::weeks_to_close;

/// The metric.
pub struct ActionForecast;

/// Number of past weeks to draw closures from.
const WEEKS: i64 = 26;
/// Number of weeks beyond which no date is forecast.
const MOST: u32 = 1_040;

/// Kinds of answer.
static VERDICT: Vocabulary = Vocabulary {
    name: "ActionForecastVerdict",
    meaning: "Kind of a forecast.",
    codes: &["FORECAST", "DONE", "TOO_FEW"],
    meanings: &[
        "A forecast from the closures of the last 26 weeks.",
        "No action is open.",
        "Too few of the last 26 weeks have closures.",
    ],
};

const SEED: Parameter = Parameter::number("seed", "seed of the draws", "1", MAX_SEED);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "action_forecast",
    title: "Backlog forecast",
    question: "When will the open backlog be done?",
    unit: Unit::Days,
    formula: "Days until all actions open at the as-of day are closed, in half of 10,000 seeded \
        runs. Each run draws every week's closures from the last 26 weeks and assumes no new \
        actions. The interval extends from the 50% run to the 85% run. The forecast starts at the \
        as-of day, so a requested period does not split it. Fewer than 8 weeks with closures are \
        too few to judge.",
    reference: "Bootstrap of weekly throughput; Efron 1979",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 8,
    parameters: &[SEED],
    single_records: &[],
    extras: &[
        Extra::integer("open", "actions open at the as-of day"),
        Extra::day("date50", "day by which half of the runs are done"),
        Extra::day("date85", "day by which 85% of the runs are done"),
        Extra::integer("weeksWithClosures", "weeks with closures among the last 26"),
        Extra::code("verdict", "kind of answer", &VERDICT),
    ],
};

/// Days from completion to the as-of day.
fn recent(query: &MetricQuery) -> Term {
    day(query.as_of).less(column("completed_on"))
}

impl Metric for ActionForecast {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let as_of = || day(query.as_of);
        let open =
            column("completed_on").not_by(as_of()).and(column("cancelled_on").not_by(as_of()));
        let recent = recent(query);
        let closed = recent.clone().from(integer(0)).and(recent.under(integer(WEEKS * 7)));
        Ok(vec![
            Facts::actions(opened(query).by_day("opened_on").only(open))
                .on_as_of_day()
                .censored_otherwise()
                .counted_in(&["open"]),
            // The forecast draws from recent closures.
            Facts::actions(opened(query).only(closed)).on_as_of_day().unlisted(),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let seed = amount(&DEFINITION, query, &SEED)?;
        let as_of = || day(query.as_of);
        let recent = || recent(query);
        let opened = opened(query)
            .key(
                "days",
                when(
                    recent().from(integer(0)).and(recent().under(integer(WEEKS * 7))),
                    recent(),
                    Term::Missing,
                ),
            )
            .count(
                "open",
                column("completed_on").not_by(as_of()).and(column("cancelled_on").not_by(as_of())),
            );
        let query_without_period =
            MetricQuery { period: None, from: None, to: None, ..query.clone() };
        let groups = cube(snapshot, &opened, &query_without_period, group_by)?;
        let rows = groups.iter().filter(|group| group.count() > 0).map(|group| {
            let open = group.sum("open") as usize;
            let mut weekly = vec![0; WEEKS as usize];
            for (days, count) in group.integer("days").iter().zip(group.counts()) {
                if let Some(week) = days.and_then(|days| weekly.get_mut((days / 7) as usize)) {
                    *week += count;
                }
            }
            let busy = weekly.iter().filter(|closed| **closed > 0).count();
            // A group without open actions is done, even with few weeks with closures.
            let meets_minimum = open == 0 || busy as u64 >= DEFINITION.minimum_n;
            let ends = if open == 0 {
                vec![Some(0), Some(0)]
            } else if meets_minimum {
                weeks_to_close(open as u64, &weekly, &[0.5, 0.85], MOST, seed)
            } else {
                vec![None, None]
            };
            let date = |weeks: Option<u32>| {
                weeks
                    .and_then(|weeks| query.as_of.checked_add_days(Days::new(u64::from(weeks) * 7)))
            };
            let mut extra = Map::new();
            extra.insert("open".into(), open.into());
            for (name, weeks) in [("date50", ends[0]), ("date85", ends[1])] {
                extra.insert(
                    name.into(),
                    date(weeks).map_or(Value::Null, |day| day.to_string().into()),
                );
            }
            extra.insert("weeksWithClosures".into(), busy.into());
            extra.insert(
                "verdict".into(),
                if open == 0 {
                    "DONE"
                } else if meets_minimum {
                    "FORECAST"
                } else {
                    "TOO_FEW"
                }
                .into(),
            );
            let in_days = |weeks: Option<u32>| weeks.map(|weeks| f64::from(weeks) * 7.0);
            let mut row = single::row(
                &DEFINITION,
                &single::key(group),
                group_by,
                in_days(ends[0]),
                None,
                open,
                extra,
            );
            (row.ci_low, row.ci_high) = (in_days(ends[0]), in_days(ends[1]));
            row.reliability = if meets_minimum { Reliability::Ok } else { Reliability::LowN };
            row.note = if meets_minimum {
                ends[1].is_none().then(|| "at this pace it takes over twenty years".into())
            } else {
                Some(format!("{busy} of {} weeks with closures needed", DEFINITION.minimum_n))
            };
            row
        });
        Ok(rows.collect())
    }
}
