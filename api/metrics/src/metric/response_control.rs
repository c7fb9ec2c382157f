//! Is the process stable? An XmR chart of response times in time order.

use chrono::DateTime;
use serde_json::{Map, json};

use super::response_time::{FROM, TO, counted, pairs};
use super::{Metric, amount, choice, single};
use crate::cube::{column, cube, filled};
use crate::definition::{Extra, ExtraKind, MetricDefinition, Parameter, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability, number};
use crate::snapshot::Snapshot;
use hotwash_schema::vocabulary::Vocabulary;
use hotwash_statistics::{Signal, XmrForm, xmr};

/// The metric.
pub struct ResponseControl;

/// States of a process.
static VERDICT: Vocabulary = Vocabulary {
    name: "ResponseControlVerdict",
    meaning: "State of a process on its control chart.",
    codes: &["STABLE", "SIGNALS", "TOO_FEW"],
    meanings: &[
        "No point has a signal.",
        "Some points have signals.",
        "Too few points for a chart.",
    ],
};

const FORM: Parameter = Parameter::choice(
    "form",
    "how the limits are computed: from the median or the mean moving range",
    "\"median\"",
    &["median", "mean"],
);
const LAST: Parameter = Parameter::number(
    "last",
    "number of latest points to list, 0 for all; limits and signals always \
                use all points",
    "0",
    1_000,
);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "response_control",
    title: "Response control",
    question: "Is the process stable?",
    unit: Unit::Minutes,
    formula: "Mean of the completed times, in order of time, with natural limits: mean +/- 3.145 x \
        median moving range (mean form: 2.660 x mean moving range). The lower limit is at least 0. \
        The limit of the moving range is 3.865 (3.267) times that range. Signals: a point outside \
        the limits; a moving range above its limit; 8 points in a row above or below the mean; 6 \
        rising or falling; 2 of 3 beyond two thirds of the distance to the same limit. No chart \
        with fewer than 8 points; provisional with fewer than 12.",
    reference: "Wheeler 1993; Benneyan, Lloyd and Plsek 2003",
    dimensions: &[
        Dimension::Region,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
        Dimension::ExerciseType,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 8,
    parameters: &[FROM, TO, FORM, LAST],
    single_records: &["points"],
    extras: &[
        Extra::code("verdict", "state of the process", &VERDICT),
        Extra::number("upper", "upper natural limit, minutes"),
        Extra::number("lower", "lower natural limit, minutes"),
        Extra::number("movingRange", "median or mean moving range"),
        Extra::number("rangeLimit", "limit of the moving range"),
        Extra::flag("provisional", "true with fewer than 12 points"),
        Extra::integer("signals", "points with a signal"),
        Extra::list(
            "points",
            "for each point: event, time, value, and the names of its signals",
            "Point",
            &[
                Extra::new("event", "event", ExtraKind::Record("Event")),
                Extra::new("at", "start of the event", ExtraKind::Moment),
                Extra::integer("value", "minutes"),
                Extra::new("signals", "names of its signals", ExtraKind::Texts),
            ],
        ),
    ],
};

impl Metric for ResponseControl {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let (from, to) = (choice(&DEFINITION, query, &FROM)?, choice(&DEFINITION, query, &TO)?);
        Ok(vec![
            Facts::events(counted(from, to).cube().only(column(to).known())).all_in_numerator(),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let (from, to) = (choice(&DEFINITION, query, &FROM)?, choice(&DEFINITION, query, &TO)?);
        let form = if choice(&DEFINITION, query, &FORM)? == "mean" {
            XmrForm::Mean
        } else {
            XmrForm::Median
        };
        let last = amount(&DEFINITION, query, &LAST)? as usize;
        // The chart shows single events.
        let timed = pairs(from, to, query)
            .only(column(to).known())
            .key("start_minute", column("start_minute"))
            .key("event_id", column("event_id"));
        let groups = filled(cube(snapshot, &timed, query, group_by)?, query);
        let rows = groups.iter().filter(|group| group.count() > 0 || group.period.is_some()).map(|group| {
            // Events that began in the same minute are ordered by duration, not by their ids.
            let columns = ["start_minute", "minutes", "event_id"].map(|name| group.integer(name));
            let at = |column: usize, position: usize| columns[column][position].unwrap_or_default();
            let mut times: Vec<(i64, i64, i64)> =
                (0..group.counts().len()).map(|position| (at(0, position), at(1, position), at(2, position))).collect();
            times.sort_unstable();
            let values: Vec<f64> = times.iter().map(|(_, minutes, _)| *minutes as f64).collect();
            let meets_minimum = values.len() as u64 >= DEFINITION.minimum_n;
            let chart = xmr(&values, form).filter(|_| meets_minimum);
            let no_signals: Vec<Vec<Signal>> = vec![Vec::new(); values.len()];
            let signals = chart.as_ref().map_or(&no_signals, |chart| &chart.signals);
            let marked = signals.iter().filter(|signals| !signals.is_empty()).count();
            let mut extra = Map::new();
            extra.insert("verdict".into(), if !meets_minimum { "TOO_FEW" } else if marked > 0 { "SIGNALS" } else { "STABLE" }.into());
            extra.insert("upper".into(), number(chart.as_ref().map(|chart| chart.upper)));
            extra.insert("lower".into(), number(chart.as_ref().map(|chart| chart.lower)));
            extra.insert("movingRange".into(), number(chart.as_ref().map(|chart| chart.moving_range)));
            extra.insert("rangeLimit".into(), number(chart.as_ref().map(|chart| chart.range_limit)));
            extra.insert("provisional".into(), (values.len() < 12).into());
            extra.insert("signals".into(), marked.into());
            let before = if last == 0 { 0 } else { values.len().saturating_sub(last) };
            let points = times.iter().zip(signals).skip(before).map(|((start, minutes, event), signals)| {
                let at = DateTime::from_timestamp(start * 60, 0).map(|at| at.to_rfc3339());
                json!({"event": event, "at": at, "value": minutes, "signals": signals.iter().map(|signal| signal.as_str()).collect::<Vec<_>>()})
            });
            extra.insert("points".into(), points.collect());
            let mean = (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
            let mut row = single::row(&DEFINITION, &single::key(group), group_by, mean, None, values.len(), extra);
            row.reliability = if meets_minimum { Reliability::Ok } else { Reliability::LowN };
            if meets_minimum && values.len() < 12 {
                row.note = Some("limits are provisional under 12 points".into());
            }
            row
        });
        Ok(rows.collect())
    }
}
