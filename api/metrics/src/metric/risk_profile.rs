//! What threatens whom? Each organisation's latest assessment, pooled by hazard and region.

use std::collections::{BTreeMap, HashMap};

use chrono::{Months, NaiveDate};
use serde_json::Map;

use super::{Metric, amount, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Parameter, Unit};
use crate::row::{Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::{days, grouped, integers, numbers};

/// The metric.
pub struct RiskProfile;

static DEFINITION: Definition = Definition {
    id: "risk_profile",
    title: "Risk profile",
    question: "What threatens whom?",
    unit: Unit::Share,
    formula: "Mean residual risk P/3 x (human + property + business + preparedness + internal + external)/18 over organisations to which the hazard applies, from each organisation's latest assessment at most 24 months old. Inherent risk leaves readiness out: P/3 x (human + property + business)/9.",
    reference: "Kaiser Permanente hazard vulnerability analysis",
    dimensions: &[
        Dimension::Region,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::Discipline,
        Dimension::Organization,
    ],
    default_group_by: &[Dimension::Hazard, Dimension::Region],
    minimum_n: 3,
    parameters: &[Parameter {
        name: "months",
        description: "how old an assessment may be",
        default: "24",
        allowed: &[],
    }],
    single_records: &[],
    extras: &[
        Extra::number("inherent", "mean inherent risk"),
        Extra::number("shareTop10", "share of organisations with it among their ten highest"),
        Extra::number("meanRank", "mean rank within the organisations"),
        Extra::number("shareApplicable", "share of organisations to which it applies"),
        Extra::number("change", "mean residual risk less that of the assessments before"),
        Extra::number("organizations", "organisations that assessed it"),
    ],
};

/// One score of an organisation's latest assessment.
#[derive(Clone, Debug)]
pub(super) struct Score {
    pub organization: i64,
    pub region: i32,
    pub hazard: i32,
    pub applicable: bool,
    pub risk: Option<f64>,
    pub inherent: Option<f64>,
    pub rank: Option<i64>,
    /// Its risk in the assessment before.
    before: Option<f64>,
    day: NaiveDate,
}

/// Scores of the latest assessments at a day; labels that mean the same hazard are pooled by the higher risk.
pub(super) fn latest(snapshot: &Snapshot, as_of: NaiveDate, months: u32) -> Result<Vec<Score>, MetricError> {
    let frame = snapshot.frame("risks");
    let (assessments, organizations, regions) =
        (integers(frame, "assessment_id")?, integers(frame, "organization_id")?, integers(frame, "region_id")?);
    let (when, hazards, applicable) =
        (days(frame, "assessed_on")?, integers(frame, "hazard_id")?, integers(frame, "applicable")?);
    let (risks, inherent, ranks) = (numbers(frame, "risk")?, numbers(frame, "inherent")?, integers(frame, "rank")?);
    // An assessment without an organisation stands for its region.
    let owner = |place: usize| {
        organizations[place].filter(|id| *id > 0).unwrap_or_else(|| -1_000_000 - regions[place].unwrap_or(-1))
    };
    let mut known: HashMap<i64, Vec<(NaiveDate, i64)>> = HashMap::new();
    for place in 0..frame.height() {
        if let (Some(day), Some(assessment)) = (when[place].filter(|day| *day <= as_of), assessments[place]) {
            let list = known.entry(owner(place)).or_default();
            if !list.contains(&(day, assessment)) {
                list.push((day, assessment));
            }
        }
    }
    let oldest = as_of.checked_sub_months(Months::new(months)).unwrap_or(as_of);
    let (mut newest, mut previous) = (HashMap::new(), HashMap::new());
    for (organization, mut list) in known {
        list.sort_unstable();
        if let Some((_, id)) = list.pop().filter(|(day, _)| *day >= oldest) {
            newest.insert(id, organization);
            if let Some((_, before)) = list.pop() {
                previous.insert(before, organization);
            }
        }
    }
    let mut before: HashMap<(i64, i64), f64> = HashMap::new();
    let mut pooled: BTreeMap<(i64, i64), Score> = BTreeMap::new();
    for place in 0..frame.height() {
        let (Some(assessment), Some(hazard)) = (assessments[place], hazards[place]) else { continue };
        let applies = applicable[place] == Some(1);
        if let (Some(organization), true, Some(risk)) = (previous.get(&assessment), applies, risks[place]) {
            let known = before.entry((*organization, hazard)).or_insert(risk);
            *known = known.max(risk);
        }
        let Some(organization) = newest.get(&assessment) else { continue };
        let score = Score {
            organization: *organization,
            region: regions[place].unwrap_or(-1) as i32,
            hazard: hazard as i32,
            applicable: applies,
            risk: risks[place].filter(|_| applies),
            inherent: inherent[place].filter(|_| applies),
            rank: ranks[place].filter(|_| applies),
            before: None,
            day: when[place].unwrap_or(as_of),
        };
        match pooled.get_mut(&(*organization, hazard)) {
            Some(known) => {
                known.applicable |= score.applicable;
                known.risk = higher(known.risk, score.risk);
                known.inherent = higher(known.inherent, score.inherent);
                known.rank = match (known.rank, score.rank) {
                    (Some(one), Some(two)) => Some(one.min(two)),
                    (one, two) => one.or(two),
                };
            }
            None => {
                pooled.insert((*organization, hazard), score);
            }
        }
    }
    for ((organization, hazard), score) in &mut pooled {
        score.before = before.get(&(*organization, *hazard)).copied();
    }
    Ok(pooled.into_values().collect())
}

fn higher(one: Option<f64>, two: Option<f64>) -> Option<f64> {
    one.into_iter().chain(two).reduce(f64::max)
}

/// Mean of what is there.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

impl Metric for RiskProfile {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn stands_since(&self, snapshot: &Snapshot) -> Result<Option<NaiveDate>, MetricError> {
        snapshot.first_day("risks", "assessed_on")
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let months = amount(&DEFINITION, ask, "months")? as u32;
        let scores = latest(snapshot, ask.as_of, months)?;
        let index = snapshot.index()?;
        let asked = Ask { period: None, from: None, to: None, ..ask.clone() };
        let groups = grouped(
            scores.iter(),
            &asked,
            group_by,
            |score| score.day,
            |score, dimension| {
                vec![match dimension {
                    Dimension::Region => snapshot.region_code(score.region),
                    Dimension::Hazard | Dimension::HazardCategory => snapshot.of_hazard(score.hazard, dimension),
                    Dimension::Discipline => index
                        .organizations
                        .get(&score.organization)
                        .map_or_else(|| "unmapped".into(), |found| found.discipline.clone()),
                    // A region's own assessment is of no organisation.
                    _ if score.organization < 0 => "unmapped".into(),
                    _ => score.organization.to_string(),
                }]
            },
        );
        let rows = groups.iter().map(|(key, scores)| {
            let organizations: std::collections::BTreeSet<i64> =
                scores.iter().map(|score| score.organization).collect();
            let applying: std::collections::BTreeSet<i64> =
                scores.iter().filter(|score| score.applicable).map(|score| score.organization).collect();
            let applicable: Vec<&&Score> = scores.iter().filter(|score| score.applicable).collect();
            let share = |count: usize| number((!scores.is_empty()).then(|| count as f64 / scores.len() as f64));
            let mut extra = Map::new();
            extra.insert("inherent".into(), number(mean(applicable.iter().filter_map(|score| score.inherent))));
            extra.insert(
                "shareTop10".into(),
                share(scores.iter().filter(|score| score.rank.is_some_and(|rank| rank <= 10)).count()),
            );
            extra.insert(
                "meanRank".into(),
                number(mean(applicable.iter().filter_map(|score| score.rank).map(|rank| rank as f64))),
            );
            extra.insert("shareApplicable".into(), share(applicable.len()));
            extra.insert(
                "change".into(),
                number(mean(applicable.iter().filter_map(|score| Some(score.risk? - score.before?)))),
            );
            extra.insert("organizations".into(), organizations.len().into());
            single::row(
                &DEFINITION,
                key,
                group_by,
                mean(applicable.iter().filter_map(|score| score.risk)),
                None,
                applying.len(),
                extra,
            )
        });
        Ok(rows.collect())
    }
}
