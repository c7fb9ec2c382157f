//! How heavy is the load of incidents? Incidents, deaths, injuries and property damage, by period and per resident.

use polars::prelude::{DataType, IntoLazy, col, lit};
use serde_json::{Map, Value};

use super::{Metric, choice, dimensions};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Facts, Regions, cube, fill_periods};
use crate::definition::{Definition, Extra, Parameter, Unit};
use crate::row::{Reliability, Row, number};
use crate::snapshot::Snapshot;

/// The metric.
pub struct IncidentBurden;

static DEFINITION: Definition = Definition {
    id: "incident_burden",
    title: "Incident burden",
    question: "How many incidents strike, and how badly?",
    unit: Unit::Count,
    formula: "Number of incidents; with it deaths and injuries (direct and indirect), property damage in US dollars, and each per \
              100,000 residents (census of 2020) where grouped by region. An incident in two regions counts once overall and once in each.",
    reference: "Counts of the public feeds and the coalition's own incidents",
    dimensions: &[Dimension::Region, Dimension::Hazard, Dimension::HazardCategory, Dimension::Source],
    default_group_by: &[Dimension::Hazard],
    minimum_n: 0,
    parameters: &[Parameter {
        name: "response",
        description: "Which incidents count: all, or those the coalition monitored or responded to",
        default: "\"all\"",
        allowed: &["all", "responded"],
    }],
    single_records: &[],
    extras: &[
        Extra::number("deaths", "deaths, direct and indirect"),
        Extra::number("injuries", "injuries, direct and indirect"),
        Extra::number("damagePropertyUsd", "property damage, US dollars"),
        Extra::number("population", "residents of the region, census of 2020"),
        Extra::number("incidentsPer100k", "incidents per 100,000 residents"),
        Extra::number("deathsPer100k", "deaths per 100,000 residents"),
        Extra::number("injuriesPer100k", "injuries per 100,000 residents"),
        Extra::number("damagePropertyUsdPer100k", "property damage per 100,000 residents, US dollars"),
    ],
};

const MEASURES: &[&str] = &["deaths", "injuries", "damage"];

impl Metric for IncidentBurden {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let responded = choice(&DEFINITION, ask, "response") == "responded";
        let mut frame = snapshot.frame("incidents").clone().lazy();
        if responded {
            frame = frame.filter(col("response").cast(DataType::String).neq(lit("NONE")));
        }
        let facts = Facts { frame, regions: Regions::OfEvent, measures: MEASURES, further: None };
        let cells = fill_periods(cube(snapshot, &facts, ask, group_by)?, ask, MEASURES.len());
        let region = group_by.iter().position(|dimension| *dimension == Dimension::Region);
        let rows = cells.into_iter().map(|cell| {
            let population = region.and_then(|place| {
                snapshot.regions.values().find(|region| region.code == cell.keys[place]).map(|region| region.population)
            });
            let count = cell.count as f64;
            Row {
                dimensions: dimensions(&cell, group_by),
                value: Some(count),
                unit: DEFINITION.unit,
                numerator: Some(count),
                denominator: None,
                n: cell.count,
                ci_low: None,
                ci_high: None,
                reliability: Reliability::Ok,
                note: None,
                extra: extra(cell.count as i64, &cell.sums, population.filter(|population| *population > 0)),
            }
        });
        Ok(rows.collect())
    }
}

fn extra(count: i64, sums: &[i64], population: Option<i64>) -> Map<String, Value> {
    let mut extra = Map::new();
    let [deaths, injuries, damage] = [0, 1, 2].map(|place| sums.get(place).copied().unwrap_or_default());
    extra.insert("deaths".into(), deaths.into());
    extra.insert("injuries".into(), injuries.into());
    extra.insert("damagePropertyUsd".into(), damage.into());
    if let Some(population) = population {
        extra.insert("population".into(), population.into());
        let rate = |amount: i64| number(Some(amount as f64 * 100_000.0 / population as f64));
        extra.insert("incidentsPer100k".into(), rate(count));
        extra.insert("deathsPer100k".into(), rate(deaths));
        extra.insert("injuriesPer100k".into(), rate(injuries));
        extra.insert("damagePropertyUsdPer100k".into(), rate(damage));
    }
    extra
}
