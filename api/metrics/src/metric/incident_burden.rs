//! How many incidents occur, and how severe are they? Incidents, deaths, injuries and property
//! damage, by period and per resident.

use serde_json::{Map, Value};

use super::{Metric, choice, dimensions};
use crate::cube::{CellGroup, Cube, column, cube, filled, named};
use crate::definition::{Extra, MetricDefinition, Parameter, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability, number};
use crate::snapshot::Snapshot;

/// The metric.
pub struct IncidentBurden;

const RESPONSE: Parameter = Parameter::choice(
    "response",
    "Which incidents count: all, or those the coalition monitored or responded to",
    "\"all\"",
    &["all", "responded"],
);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "incident_burden",
    title: "Incident burden",
    question: "How many incidents occur, and how severe are they?",
    unit: Unit::Count,
    formula: "Number of incidents. Also deaths and injuries (direct and indirect) and property \
        damage in US dollars, and each per 100,000 residents (2020 census) when grouped by region. \
        An incident in two regions counts once overall and once in each.",
    reference: "Counts of the public feeds and the coalition's own incidents",
    dimensions: &[
        Dimension::Region,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::Source,
    ],
    default_group_by: &[Dimension::Hazard],
    minimum_n: 0,
    parameters: &[RESPONSE],
    single_records: &[],
    extras: &[
        Extra::integer("deaths", "direct and indirect deaths; empty if no incident reports them"),
        Extra::integer(
            "injuries",
            "direct and indirect injuries; empty if no incident reports them",
        ),
        Extra::long(
            "damagePropertyUsd",
            "property damage in US dollars; empty if no incident reports any",
        ),
        Extra::integer("population", "residents of the region (2020 census)"),
        Extra::number("incidentsPer100k", "incidents per 100,000 residents"),
        Extra::number("deathsPer100k", "deaths per 100,000 residents"),
        Extra::number("injuriesPer100k", "injuries per 100,000 residents"),
        Extra::number(
            "damagePropertyUsdPer100k",
            "property damage in US dollars per 100,000 residents",
        ),
    ],
};

/// Amounts, each with the name of the number of incidents that report it.
const MEASURES: [(&str, &str); 3] =
    [("deaths", "with_deaths"), ("injuries", "with_injuries"), ("damage", "with_damage")];

/// Returns the sum over a group. None if the group has incidents, but none of them reports it.
fn reported(group: &CellGroup, (amount, reporting): (&str, &str)) -> Option<i64> {
    (group.count() == 0 || group.sum(reporting) > 0).then(|| group.sum(amount))
}

/// Incidents, or those that the coalition monitored or responded to.
fn incidents(query: &MetricQuery) -> Result<Facts, MetricError> {
    let incidents = Cube::of("incidents").by_day("local_date");
    let responded = choice(&DEFINITION, query, &RESPONSE)? == "responded";
    let incidents =
        if responded { incidents.only(named("response", "NONE").not()) } else { incidents };
    Ok(Facts::events(incidents).all_in_numerator())
}

impl Metric for IncidentBurden {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let amounts =
            [("deaths", "deaths"), ("injuries", "injuries"), ("damagePropertyUsd", "damage")];
        let incidents = amounts.into_iter().fold(incidents(query)?, |facts, (extra, amount)| {
            facts.stating_sum(extra, column(amount))
        });
        Ok(vec![incidents])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let incidents = MEASURES.iter().fold(
            incidents(query)?.cube().sums(&MEASURES.map(|(amount, _)| amount)),
            |cube, (amount, reporting)| cube.count(reporting, column(amount).known()),
        );
        let groups = filled(cube(snapshot, &incidents, query, group_by)?, query);
        let region = group_by.iter().position(|dimension| *dimension == Dimension::Region);
        let rows = groups.iter().map(|group| {
            let population = region.and_then(|position| {
                snapshot
                    .regions
                    .values()
                    .find(|region| region.code == group.keys[position])
                    .map(|region| region.population)
            });
            let count = group.count() as f64;
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
                extra: extra(
                    group.count() as i64,
                    MEASURES.map(|measure| reported(group, measure)),
                    population.filter(|residents| *residents > 0),
                ),
            }
        });
        Ok(rows.collect())
    }
}

fn extra(
    count: i64,
    [deaths, injuries, damage]: [Option<i64>; 3],
    population: Option<i64>,
) -> Map<String, Value> {
    let mut extra = Map::new();
    extra.insert("deaths".into(), deaths.into());
    extra.insert("injuries".into(), injuries.into());
    extra.insert("damagePropertyUsd".into(), damage.into());
    if let Some(population) = population {
        extra.insert("population".into(), population.into());
        let rate = |amount: Option<i64>| {
            number(amount.map(|amount| amount as f64 * 100_000.0 / population as f64))
        };
        extra.insert("incidentsPer100k".into(), rate(Some(count)));
        extra.insert("deathsPer100k".into(), rate(deaths));
        extra.insert("injuriesPer100k".into(), rate(injuries));
        extra.insert("damagePropertyUsdPer100k".into(), rate(damage));
    }
    extra
}
