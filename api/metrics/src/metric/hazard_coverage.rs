//! Are the top risks exercised? Months since the last exercise on each of a region's ten highest
//! risks.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};
use serde_json::{Map, Value, json};

use super::pool::pooled;
use super::risk_profile::{latest, latest_scores, mean};
use super::{Metric, amount, single};
use crate::cube::{Cube, Measure, column, cube, day, day_of, first_day, is};
use crate::definition::{Extra, MAX_MONTHS, MetricDefinition, Parameter, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// The metric.
pub struct HazardCoverage;

const MONTHS: Parameter = Parameter::number(
    "months",
    "how long an exercise covers a hazard, in months",
    "24",
    MAX_MONTHS,
);
const TOP: Parameter = Parameter::number("top", "how many of the highest risks count", "10", 1_000);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "hazard_coverage",
    title: "Hazard coverage",
    question: "Are the top risks exercised?",
    unit: Unit::Share,
    formula: "Share of each region's ten hazards with the highest mean residual risk for which an \
        exercise was held within 24 months of the as-of day. The hazard may be the exercise's \
        primary hazard or a further one. Wilson interval. Operational consequences such as \
        evacuation do not count as hazards.",
    reference: "HSEEP 2020, integrated preparedness planning: exercises follow the risks",
    dimensions: &[Dimension::Region, Dimension::Hazard, Dimension::HazardCategory],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[MONTHS, TOP],
    single_records: &[],
    extras: &[
        Extra::list(
            "hazards",
            "for each top risk: rank, risk, months since the last exercise and the last incident, \
                and whether it is covered",
            "Hazard",
            &[
                Extra::text("region", "region, by code"),
                Extra::text("hazard", "hazard, by code"),
                Extra::integer("rank", "rank in the region; 1 is the highest risk"),
                Extra::number("risk", "mean residual risk"),
                Extra::number("inherent", "mean inherent risk"),
                Extra::integer("monthsSinceExercise", "months since the last exercise"),
                Extra::integer("monthsSinceIncident", "months since the last incident"),
                Extra::flag("covered", "true if exercised recently enough"),
            ],
        ),
        Extra::integer("monthsSinceExercise", "for a single hazard"),
        Extra::integer("monthsSinceIncident", "for a single hazard"),
        Extra::flag("covered", "for a single hazard"),
    ],
};

/// Residual risk, and inherent risk if known.
type Risks = (f64, Option<f64>);

/// One top risk of a region.
#[derive(Clone, Debug)]
struct Top {
    region: i32,
    hazard: i32,
    rank: usize,
    risk: f64,
    inherent: Option<f64>,
    exercised: Option<NaiveDate>,
    struck: Option<NaiveDate>,
    covered: bool,
}

fn months_since(day: NaiveDate, as_of: NaiveDate) -> i32 {
    (as_of.year() - day.year()) * 12 + as_of.month() as i32
        - day.month() as i32
        - i32::from(as_of.day() < day.day())
}

impl Metric for HazardCoverage {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let assessed = latest_scores(query.as_of, 24).only(is("applicable"));
        let of = |cube| Facts::of("RiskAssessment", "assessment_id", cube).on_as_of_day();
        // A single top risk comes from few assessments.
        let each = &["hazards", "monthsSinceExercise", "monthsSinceIncident", "covered"];
        // Rows count hazards. A row of few hazards says nothing about the size of its assessments.
        Ok(vec![
            of(assessed.clone()).answering_for_rows(),
            of(assessed).for_extras(each).unreleased(),
        ])
    }

    fn state_since(&self, snapshot: &Snapshot) -> Result<Option<NaiveDate>, MetricError> {
        first_day(snapshot, "risks", "assessed_on")
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let months = amount(&DEFINITION, query, &MONTHS)? as u32;
        let most = amount(&DEFINITION, query, &TOP)? as usize;
        let tops = tops(snapshot, query.as_of, months, most)?;
        let groups = pooled(
            tops.iter(),
            query,
            group_by,
            |_| None,
            |top, dimension| match dimension {
                Dimension::Region => snapshot.region_code(top.region),
                other => snapshot.of_hazard(top.hazard, other),
            },
        );
        let single_hazard =
            group_by.contains(&Dimension::Hazard) && group_by.contains(&Dimension::Region);
        let since = |day: Option<NaiveDate>| {
            day.map_or(Value::Null, |day| months_since(day, query.as_of).into())
        };
        let rows = groups.iter().map(|(key, tops)| {
            let covered = tops.iter().filter(|top| top.covered).count();
            let mut extra = Map::new();
            let list = tops.iter().map(|top| {
                json!({
                    "region": snapshot.region_code(top.region), "hazard": snapshot.of_hazard(top.hazard, Dimension::Hazard), "rank": top.rank, "risk": top.risk, "inherent": top.inherent,
                    "monthsSinceExercise": since(top.exercised), "monthsSinceIncident": since(top.struck), "covered": top.covered,
                })
            });
            extra.insert("hazards".into(), list.collect());
            if let (true, [top]) = (single_hazard, tops.as_slice()) {
                extra.insert("monthsSinceExercise".into(), since(top.exercised));
                extra.insert("monthsSinceIncident".into(), since(top.struck));
                extra.insert("covered".into(), top.covered.into());
            }
            single::share(&DEFINITION, key, group_by, covered, tops.len(), extra)
        });
        Ok(rows.collect())
    }
}

fn tops(
    snapshot: &Snapshot,
    as_of: NaiveDate,
    months: u32,
    most: usize,
) -> Result<Vec<Top>, MetricError> {
    let mut by_region: BTreeMap<(i32, i32), Vec<Risks>> = BTreeMap::new();
    let is_hazard = |id: i32| {
        snapshot.hazards.get(&id).is_some_and(|hazard| id > 0 && hazard.category != "operational")
    };
    for score in latest(snapshot, as_of, 24)?
        .iter()
        .filter(|score| score.region > 0 && is_hazard(score.hazard))
    {
        if let Some(risk) = score.risk {
            by_region.entry((score.region, score.hazard)).or_default().push((risk, score.inherent));
        }
    }
    let mut ranked: BTreeMap<i32, Vec<(f64, Option<f64>, i32)>> = BTreeMap::new();
    for ((region, hazard), risks) in by_region {
        let risk = mean(risks.iter().map(|(risk, _)| *risk)).unwrap_or_default();
        ranked.entry(region).or_default().push((
            risk,
            mean(risks.iter().filter_map(|(_, inherent)| *inherent)),
            hazard,
        ));
    }
    let last_days = last_days(snapshot, as_of)?;
    let since = as_of.checked_sub_months(Months::new(months)).unwrap_or(as_of);
    let mut tops = Vec::new();
    for (region, mut hazards) in ranked {
        // The order of addition changes the last bits of a mean, so risks are compared to a
        // billionth.
        let level = |risk: f64| (risk * 1e9).round();
        hazards.sort_by(|one, two| level(two.0).total_cmp(&level(one.0)).then(one.2.cmp(&two.2)));
        for (position, (risk, inherent, hazard)) in hazards.into_iter().take(most).enumerate() {
            let last = |kind: &str| {
                last_days.get(&(kind.to_owned(), hazard, snapshot.region_code(region))).copied()
            };
            let exercised = last("EXERCISE");
            tops.push(Top {
                region,
                hazard,
                rank: position + 1,
                risk,
                inherent,
                exercised,
                struck: last("INCIDENT"),
                covered: exercised.is_some_and(|day| day >= since),
            });
        }
    }
    Ok(tops)
}

/// Last day of each kind of event, by hazard and region, up to a given day.
fn last_days(
    snapshot: &Snapshot,
    as_of: NaiveDate,
) -> Result<BTreeMap<(String, i32, String), NaiveDate>, MetricError> {
    let by_hazard = |cube: Cube| {
        cube.only(column("local_date").up_to(day(as_of)))
            .key("kind", column("event_kind"))
            .key("hazard", column("hazard_id"))
            .measure("last", Measure::Largest(column("local_date")))
    };
    let all = MetricQuery { as_of, ..MetricQuery::default() };
    let primary = cube(snapshot, &by_hazard(Cube::of("events")), &all, &[Dimension::Region])?;
    let others = by_hazard(Cube::of("event_hazards"));
    let others = cube(snapshot, &others, &all, &[Dimension::Region])?;
    let mut days = BTreeMap::new();
    for group in primary.iter().chain(&others) {
        let cells = group
            .labels("kind")
            .into_iter()
            .zip(group.integer("hazard"))
            .zip(group.integer("last"));
        for ((kind, hazard), last) in cells {
            let Some(last) = last.map(day_of) else { continue };
            let known = days
                .entry((kind.to_owned(), hazard.unwrap_or(-1) as i32, group.keys[0].clone()))
                .or_insert(last);
            *known = last.max(*known);
        }
    }
    Ok(days)
}
