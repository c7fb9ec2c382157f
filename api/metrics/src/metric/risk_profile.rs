//! Which hazards threaten whom? Each organization's latest assessment, pooled by hazard and region.

use std::collections::{BTreeSet, HashMap};

use chrono::{Months, NaiveDate};
use serde_json::Map;

use super::{Metric, amount, single};
use crate::cube::{
    CellGroup, Condition, Cube, Measure, Term, column, cube, day, first_day, is, when,
};
use crate::definition::{Extra, MAX_MONTHS, MetricDefinition, Parameter, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, number};
use crate::snapshot::Snapshot;

/// The metric.
pub struct RiskProfile;

const MONTHS: Parameter =
    Parameter::number("months", "maximum age of an assessment, in months", "24", MAX_MONTHS);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "risk_profile",
    title: "Risk profile",
    question: "Which hazards threaten whom?",
    unit: Unit::Share,
    formula: "Mean residual risk P/3 x (human + property + business + preparedness + internal + \
        external)/18, over organizations to which the hazard applies. Each organization counts \
        with its latest assessment, which may be at most 24 months old. Inherent risk leaves \
        readiness out: P/3 x (human + property + business)/9. If several lines of a form mean the \
        same hazard, they count once, with the highest risk and the best rank. Ranks are those of \
        the form's lines, so additional lines push others down.",
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
    parameters: &[MONTHS],
    single_records: &[],
    extras: &[
        Extra::number("inherent", "mean inherent risk"),
        Extra::number(
            "shareTop10",
            "share of organizations that rank the hazard among their ten highest",
        ),
        Extra::number("meanRank", "mean rank of the hazard within organizations"),
        Extra::number("shareApplicable", "share of organizations to which the hazard applies"),
        Extra::number("change", "mean residual risk minus that of the previous assessments"),
        Extra::integer("organizations", "organizations that assessed the hazard"),
    ],
};

/// One score of an organization's latest assessment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Score {
    pub organization: i64,
    pub region: i32,
    pub hazard: i32,
    pub applicable: bool,
    pub risk: Option<f64>,
    pub inherent: Option<f64>,
    pub rank: Option<i64>,
}

/// A column's value where the hazard applies.
fn applicable(name: &'static str) -> Term {
    when(is("applicable"), column(name), Term::Missing)
}

/// Scores by organization and hazard in the selected assessments, one assessment per organization.
/// Labels of the same hazard are pooled with the highest risk.
fn scores(of: Cube) -> Cube {
    of.key("score", column("score"))
        .measure("organization", Measure::Largest(column("organization_id")))
        .measure("hazard", Measure::Largest(column("hazard_id")))
        .measure("region", Measure::Largest(column("region_id")))
        .measure("applicable", Measure::Largest(column("applicable")))
        .measure("risk", Measure::Largest(applicable("risk")))
        .measure("inherent", Measure::Largest(applicable("inherent")))
        .measure("rank", Measure::Smallest(applicable("rank")))
}

fn oldest(as_of: NaiveDate, months: u32) -> NaiveDate {
    as_of.checked_sub_months(Months::new(months)).unwrap_or(as_of)
}

/// Each organization's latest assessment on a day, if it is at most this many months old.
pub(super) fn latest_scores(as_of: NaiveDate, months: u32) -> Cube {
    Cube::of("risks")
        .only(column("assessed_on").up_to(day(as_of)))
        .only(column("next_on").not_by(day(as_of)))
        .only(column("assessed_on").from(day(oldest(as_of, months))))
}

/// Each organization's assessment before the latest one.
fn previous_scores(as_of: NaiveDate, months: u32) -> Cube {
    Cube::of("risks")
        .only(column("next_on").up_to(day(as_of)))
        .only(column("second_on").not_by(day(as_of)))
        .only(column("next_on").from(day(oldest(as_of, months))))
}

/// The scores of a group, by organization and hazard.
fn of_group(group: &CellGroup) -> Vec<Score> {
    let integer =
        ["organization", "hazard", "region", "applicable", "rank"].map(|name| group.integer(name));
    let (risk, inherent) = (group.real("risk"), group.real("inherent"));
    let scores = (0..group.counts().len()).map(|at| Score {
        organization: integer[0][at].unwrap_or(-1),
        hazard: integer[1][at].unwrap_or(-1) as i32,
        region: integer[2][at].unwrap_or(-1) as i32,
        applicable: integer[3][at] == Some(1),
        rank: integer[4][at],
        risk: risk.get(at).copied().flatten(),
        inherent: inherent.get(at).copied().flatten(),
    });
    let mut scores: Vec<Score> = scores.collect();
    scores.sort_unstable_by_key(|score| (score.organization, score.hazard, score.region));
    scores
}

/// Scores of the latest assessments at a day, by organization and hazard.
pub(super) fn latest(
    snapshot: &Snapshot,
    as_of: NaiveDate,
    months: u32,
) -> Result<Vec<Score>, MetricError> {
    let all = MetricQuery { as_of, ..MetricQuery::default() };
    Ok(cube(snapshot, &scores(latest_scores(as_of, months)), &all, &[])?
        .iter()
        .flat_map(of_group)
        .collect())
}

/// Risks of the assessments before the latest ones, by organization and hazard.
fn previous_risks(
    snapshot: &Snapshot,
    as_of: NaiveDate,
    months: u32,
) -> Result<HashMap<(i64, i32), f64>, MetricError> {
    let all = MetricQuery { as_of, ..MetricQuery::default() };
    let groups = cube(snapshot, &scores(previous_scores(as_of, months)), &all, &[])?;
    let of_assessment = |score: Score| Some(((score.organization, score.hazard), score.risk?));
    Ok(groups.iter().flat_map(of_group).filter_map(of_assessment).collect())
}

/// Returns the latest scores whose hazard the organization's previous assessment has, too.
fn compared_scores(
    snapshot: &Snapshot,
    query: &MetricQuery,
    months: u32,
) -> Result<Vec<i64>, MetricError> {
    let before = previous_risks(snapshot, query.as_of, months)?;
    let latest = latest_scores(query.as_of, months)
        .key("score", column("score"))
        .key("organization", column("organization_id"))
        .key("hazard", column("hazard_id"));
    let all = MetricQuery { as_of: query.as_of, ..MetricQuery::default() };
    let mut compared = Vec::new();
    for group in cube(snapshot, &latest, &all, &[])? {
        let [scores, organizations, hazards] =
            ["score", "organization", "hazard"].map(|name| group.integer(name));
        for ((score, organization), hazard) in scores.iter().zip(organizations).zip(hazards) {
            let key = (organization.unwrap_or(-1), hazard.unwrap_or(-1) as i32);
            compared.extend(score.filter(|_| before.contains_key(&key)));
        }
    }
    Ok(compared)
}

/// Mean of the values that exist.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

impl Metric for RiskProfile {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let months = amount(&DEFINITION, query, &MONTHS)? as u32;
        let latest = || latest_scores(query.as_of, months);
        let compared = Condition::OneOf("score", compared_scores(snapshot, query, months)?);
        let of = |cube| Facts::of("RiskAssessment", "assessment_id", cube).on_as_of_day();
        // A mean rests on the scores that state its value.
        let with = |scores: Cube, value: &'static str| {
            of(scores.only(is("applicable")).only(column(value).known())).unlisted()
        };
        Ok(vec![
            of(latest().only(is("applicable"))).all_in_numerator(),
            with(latest(), "risk"),
            with(latest(), "inherent").for_extras(&["inherent"]),
            with(latest(), "rank").for_extras(&["meanRank"]),
            of(latest()).for_extras(&["shareTop10", "shareApplicable", "organizations"]),
            with(latest().only(compared), "risk").for_extras(&["change"]),
            with(previous_scores(query.as_of, months), "risk").for_extras(&["change"]),
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
        let query_without_period =
            MetricQuery { period: None, from: None, to: None, ..query.clone() };
        let groups = cube(
            snapshot,
            &scores(latest_scores(query.as_of, months)),
            &query_without_period,
            group_by,
        )?;
        let before = previous_risks(snapshot, query.as_of, months)?;
        let rows = groups.iter().map(|group| {
            let scores = of_group(group);
            let organizations: BTreeSet<i64> =
                scores.iter().map(|score| score.organization).collect();
            let applying: BTreeSet<i64> = scores
                .iter()
                .filter(|score| score.applicable)
                .map(|score| score.organization)
                .collect();
            let applicable: Vec<&Score> = scores.iter().filter(|score| score.applicable).collect();
            let share = |count: usize| {
                number((!scores.is_empty()).then(|| count as f64 / scores.len() as f64))
            };
            let change = |score: &&Score| {
                Some(score.risk? - before.get(&(score.organization, score.hazard)).copied()?)
            };
            let mut extra = Map::new();
            extra.insert(
                "inherent".into(),
                number(mean(applicable.iter().filter_map(|score| score.inherent))),
            );
            extra.insert(
                "shareTop10".into(),
                share(
                    scores.iter().filter(|score| score.rank.is_some_and(|rank| rank <= 10)).count(),
                ),
            );
            extra.insert(
                "meanRank".into(),
                number(mean(
                    applicable.iter().filter_map(|score| score.rank).map(|rank| rank as f64),
                )),
            );
            extra.insert("shareApplicable".into(), share(applicable.len()));
            extra.insert("change".into(), number(mean(applicable.iter().filter_map(change))));
            extra.insert("organizations".into(), organizations.len().into());
            let value = mean(applicable.iter().filter_map(|score| score.risk));
            single::row(
                &DEFINITION,
                &single::key(group),
                group_by,
                value,
                None,
                applying.len(),
                extra,
            )
        });
        Ok(rows.collect())
    }
}
