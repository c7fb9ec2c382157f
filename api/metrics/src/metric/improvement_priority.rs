//! What should we improve first? Weakness x exposure x overdue share, with each factor and the
//! certainty of the rank.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Months;
use serde_json::Map;

use super::risk_profile::{latest, latest_scores, mean};
use super::{Metric, amount, pool::pooled, single};
use crate::cube::{Cube, column, cube, day, integer, is};
use crate::definition::{Extra, MAX_MONTHS, MAX_SEED, MetricDefinition, Parameter, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, number};
use crate::snapshot::{Snapshot, opened};
use hotwash_statistics::draws::{binomial, seeded};

/// The metric.
pub struct ImprovementPriority;

/// Number of draws for the interval of the rank.
const DRAWS: usize = 1_000;

/// Extra that names the hazard whose mean risk is the exposure.
const EXPOSURE_HAZARD: &str = "exposureHazard";

const MONTHS: Parameter =
    Parameter::number("months", "how far back ratings count, in months", "36", MAX_MONTHS);
const SEED: Parameter = Parameter::number("seed", "seed of the draws", "1", MAX_SEED);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "improvement_priority",
    title: "Improvement priority",
    question: "What should we improve first?",
    unit: Unit::Score,
    formula: "gap x exposure x (1 + overdue share), for each region and capability. gap = 1 - (P + \
        S + 0.5) / (rated + 1) over the last 36 months. exposure = the largest mean inherent risk \
        in the region among hazards whose events rated the capability anywhere, or else the mean \
        of all the region's scores. overdue share = overdue / open actions. The 95% interval of \
        the rank comes from 1,000 seeded draws of the number of P and S, from the binomial \
        distribution with share 1 - gap. The ranking describes the as-of day, so a requested period \
        does not split it.",
    reference: "Jeffreys 1946: gap is the posterior mean under the prior Beta(1/2, 1/2); Efron and \
        Tibshirani 1993, parametric bootstrap; Goldstein and Spiegelhalter 1996, intervals of \
        ranks; HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region, Dimension::Capability],
    minimum_n: 5,
    parameters: &[MONTHS, SEED],
    single_records: &[],
    extras: &[
        Extra::rank("rank", "1 is first; none for your own region next to published ones"),
        Extra::rank("rankLow", "lower end of the rank's 95% interval"),
        Extra::rank("rankHigh", "upper end of the rank's 95% interval"),
        Extra::number("gap", "share of ratings other than P and S, shrunk toward one half"),
        Extra::number("exposure", "largest mean inherent risk"),
        Extra::text(
            EXPOSURE_HAZARD,
            "hazard whose mean is the exposure; none if no hazard of the capability was assessed",
        ),
        Extra::number("overdueShare", "overdue actions / open actions"),
        Extra::integer("rated", "ratings counted"),
        Extra::integer("open", "open actions"),
    ],
};

#[derive(Clone, Debug, Default)]
struct Pair {
    good: u64,
    rated: u64,
    open: u64,
    overdue: u64,
    /// `None` if nobody in the region has assessed a risk.
    exposure: Option<f64>,
    /// Hazard whose mean risk is the exposure; `None` if it is the mean of all the region's scores.
    hazard: Option<i32>,
}

impl Pair {
    fn gap(&self, good: u64) -> f64 {
        1.0 - (good as f64 + 0.5) / (self.rated as f64 + 1.0)
    }

    fn overdue_share(&self) -> f64 {
        if self.open == 0 { 0.0 } else { self.overdue as f64 / self.open as f64 }
    }

    fn priority(&self, good: u64) -> Option<f64> {
        self.exposure.map(|exposure| self.gap(good) * exposure * (1.0 + self.overdue_share()))
    }
}

impl Metric for ImprovementPriority {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let (months, as_of) = (amount(&DEFINITION, query, &MONTHS)? as u32, || day(query.as_of));
        let ended = |name: &'static str| column(name).not_by(as_of());
        let open = opened(query).only(ended("completed_on")).only(ended("cancelled_on"));
        let assessed =
            latest_scores(query.as_of, 24).only(is("applicable")).only(column("inherent").known());
        let scores = Facts::of("RiskAssessment", "assessment_id", assessed)
            .on_as_of_day()
            .unlisted()
            .ignoring(&[Dimension::Capability, Dimension::Framework]);
        // The exposure gives the mean of one hazard. It also shows that events of this hazard rated
        // the capability.
        let links = Facts::ratings(rated_on_hazards(query))
            .on_as_of_day()
            .unlisted()
            .ignoring(&[Dimension::Region, Dimension::Framework]);
        Ok(vec![
            Facts::ratings(rated(query, months))
                .numerator(is("good"))
                .on_as_of_day()
                .counted_in(&["rated"]),
            Facts::actions(open).on_as_of_day().unlisted().counted_in(&["open"]),
            scores.clone(),
            scores.of_group_named_in(Dimension::Hazard, EXPOSURE_HAZARD),
            links.of_group_named_in(Dimension::Hazard, EXPOSURE_HAZARD),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let months = amount(&DEFINITION, query, &MONTHS)? as u32;
        let seed = amount(&DEFINITION, query, &SEED)?;
        if !(group_by.contains(&Dimension::Region) && group_by.contains(&Dimension::Capability)) {
            return Err(MetricError::Dimension {
                metric: DEFINITION.id,
                found: "no region and capability".into(),
                allowed: "region and capability, both".into(),
            });
        }
        let pairs = pairs(snapshot, query, months)?;
        // Filters decide what is ranked.
        let list: Vec<(&(String, String), &Pair)> =
            pairs.iter().filter(|(_, pair)| pair.rated > 0).collect();
        let undated = |_: &usize| None;
        let groups = pooled(0..list.len(), query, group_by, undated, |position, dimension| {
            let (region, capability) = list[*position].0;
            match dimension {
                Dimension::Region => region.clone(),
                Dimension::Capability => capability.clone(),
                _ => capability.split(':').next().unwrap_or_default().to_owned(),
            }
        });
        let chosen: Vec<&Pair> = groups.iter().map(|(_, positions)| list[positions[0]].1).collect();
        let ranks = ranks(&chosen.iter().map(|pair| pair.priority(pair.good)).collect::<Vec<_>>());
        let intervals = intervals(&chosen, seed);
        let mut rows: Vec<(usize, MetricRow)> = Vec::new();
        for (position, (key, _)) in groups.iter().enumerate() {
            let pair = chosen[position];
            let mut extra = Map::new();
            extra.insert("rank".into(), ranks[position].into());
            extra.insert("rankLow".into(), intervals[position].0.into());
            extra.insert("rankHigh".into(), intervals[position].1.into());
            extra.insert("gap".into(), number(Some(pair.gap(pair.good))));
            extra.insert("exposure".into(), number(pair.exposure));
            let hazard = pair.hazard.map(|hazard| snapshot.of_hazard(hazard, Dimension::Hazard));
            extra.insert(EXPOSURE_HAZARD.into(), hazard.into());
            extra.insert("overdueShare".into(), number(Some(pair.overdue_share())));
            extra.insert("rated".into(), pair.rated.into());
            extra.insert("open".into(), pair.open.into());
            let row = single::row(
                &DEFINITION,
                key,
                group_by,
                pair.priority(pair.good),
                None,
                pair.rated as usize,
                extra,
            );
            rows.push((ranks[position], row));
        }
        rows.sort_by_key(|(rank, _)| *rank);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }
}

/// Ranks from the highest value; missing values come last, and ties retain their order.
fn ranks(values: &[Option<f64>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let value = |position: usize| values[position].unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|one, two| value(*two).total_cmp(&value(*one)).then(one.cmp(two)));
    let mut ranks = vec![0; values.len()];
    for (rank, position) in order.into_iter().enumerate() {
        ranks[position] = rank + 1;
    }
    ranks
}

/// Returns the 95% interval of each rank.
fn intervals(pairs: &[&Pair], seed: u64) -> Vec<(usize, usize)> {
    let mut random = seeded(seed);
    let mut drawn: Vec<Vec<usize>> = vec![Vec::with_capacity(DRAWS); pairs.len()];
    for _ in 0..DRAWS {
        let values: Vec<Option<f64>> = pairs
            .iter()
            .map(|pair| {
                let share = (pair.good as f64 + 0.5) / (pair.rated as f64 + 1.0);
                pair.priority(binomial(pair.rated, share, &mut random))
            })
            .collect();
        for (list, rank) in drawn.iter_mut().zip(ranks(&values)) {
            list.push(rank);
        }
    }
    drawn
        .into_iter()
        .map(|mut list| {
            list.sort_unstable();
            (list[DRAWS * 25 / 1000], list[DRAWS * 975 / 1000 - 1])
        })
        .collect()
}

/// Ratings of the last months before the as-of day.
fn rated(query: &MetricQuery, months: u32) -> Cube {
    let since = query.as_of.checked_sub_months(Months::new(months)).unwrap_or(query.as_of);
    let ratings = Cube::of("ratings");
    ratings
        .only(column("local_date").up_to(day(query.as_of)))
        .only(column("local_date").from(day(since)))
}

/// Ratings in events of a known hazard, in any region and at any time.
fn rated_on_hazards(query: &MetricQuery) -> Cube {
    Cube::of("ratings")
        .only(column("local_date").up_to(day(query.as_of)))
        .only(column("hazard_id").over(integer(0)))
}

fn pairs(
    snapshot: &Snapshot,
    query: &MetricQuery,
    months: u32,
) -> Result<BTreeMap<(String, String), Pair>, MetricError> {
    let all = MetricQuery { as_of: query.as_of, ..MetricQuery::default() };
    let by = [Dimension::Region, Dimension::Capability];
    let as_of = || day(query.as_of);
    let mut pairs: BTreeMap<(String, String), Pair> = BTreeMap::new();
    let pair_of = |keys: &[String]| (keys[0].clone(), keys[1].clone());
    let rated = rated(query, months).sums(&["good"]);
    for group in cube(snapshot, &rated, &all, &by)? {
        let pair = pairs.entry(pair_of(&group.keys)).or_default();
        (pair.rated, pair.good) = (group.count(), group.sum("good").unsigned_abs());
    }
    let open = opened(query)
        .only(column("completed_on").not_by(as_of()))
        .only(column("cancelled_on").not_by(as_of()))
        .count("overdue", column("due_current_on").under(as_of()));
    for group in cube(snapshot, &open, &all, &by)? {
        let pair = pairs.entry(pair_of(&group.keys)).or_default();
        (pair.open, pair.overdue) = (group.count(), group.sum("overdue").unsigned_abs());
    }
    let rated_on = rated_on_hazards(query).key("hazard", column("hazard_id"));
    let mut linked: HashMap<String, BTreeSet<i32>> = HashMap::new();
    for group in cube(snapshot, &rated_on, &all, &[Dimension::Capability])? {
        linked.insert(
            group.keys[0].clone(),
            group.integer("hazard").iter().flatten().map(|id| *id as i32).collect(),
        );
    }
    let mut inherent: BTreeMap<String, BTreeMap<i32, Vec<f64>>> = BTreeMap::new();
    for score in latest(snapshot, query.as_of, 24)? {
        if let Some(value) = score.inherent {
            let of_region = inherent.entry(snapshot.region_code(score.region)).or_default();
            of_region.entry(score.hazard).or_default().push(value);
        }
    }
    for ((region, capability), pair) in &mut pairs {
        let Some(of_region) = inherent.get(region) else { continue };
        let linked = linked.get(capability).into_iter().flatten();
        let means = linked
            .filter_map(|hazard| Some((*hazard, mean(of_region.get(hazard)?.iter().copied())?)));
        // The order of addition changes the last bits of a mean. The first of equal means counts.
        let level = |risk: f64| (risk * 1e9).round();
        let largest =
            means.reduce(|most, one| if level(one.1) > level(most.1) { one } else { most });
        pair.hazard = largest.map(|(hazard, _)| hazard);
        pair.exposure =
            largest.map(|(_, risk)| risk).or_else(|| mean(of_region.values().flatten().copied()));
    }
    Ok(pairs)
}
