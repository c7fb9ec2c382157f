//! Checks each planted warehouse: answers about region 1 must be the same as without the secret
//! records.

use std::collections::BTreeMap;

use hotwash_metrics::{
    Dimension, Grain, MetricDefinition, MetricQuery, MetricRow, Reliability, Snapshot,
    compare_regions, evaluate, registry,
};
use hotwash_schema::access::Viewer;
use serde_json::Value;

use crate::attacker::{member, viewer};
use crate::world::AS_OF;

/// Region with the secret, and region of the reader.
const SECRET: &str = "1";
const OWN: &str = "2";

/// Claim about a metric.
pub struct SecrecyClaim {
    pub metric: &'static str,
    /// Secret extras; empty if the entire row is secret.
    pub extras: &'static [&'static str],
    /// True if the value and its interval are secret, too, while the row's counts are not.
    pub is_value_secret: bool,
}

/// Creates the claim that all of the metric's rows about region 1 are secret.
pub const fn rows(metric: &'static str) -> SecrecyClaim {
    SecrecyClaim { metric, extras: &[], is_value_secret: false }
}

/// Creates the claim that these extras of the metric's rows about region 1 are secret; the other
/// values have enough contributors.
pub const fn extras(metric: &'static str, extras: &'static [&'static str]) -> SecrecyClaim {
    SecrecyClaim { metric, extras, is_value_secret: false }
}

/// Creates the claim that the value, its interval and these extras of the metric's rows about
/// region 1 are secret; the counts have enough contributors.
pub const fn value_and_extras(
    metric: &'static str,
    extras: &'static [&'static str],
) -> SecrecyClaim {
    SecrecyClaim { metric, extras, is_value_secret: true }
}

fn query(by: &[Dimension], period: Option<Grain>) -> MetricQuery {
    MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(by.to_vec()),
        period,
        ..MetricQuery::default()
    }
}

/// Returns the tables of a metric that a release may contain.
fn tables(metric: &str) -> Vec<MetricQuery> {
    let definition = definition(metric);
    let grains = [None, Some(Grain::Month), Some(Grain::Quarter), Some(Grain::FiscalYear)];
    let mut tables = Vec::new();
    for regions in [vec![], vec![Dimension::Region]] {
        tables.extend(grains.map(|grain| query(&regions, grain)));
        let further = definition.dimensions.iter().filter(|one| **one != Dimension::Region);
        tables.extend(further.map(|one| query(&[regions.as_slice(), &[*one]].concat(), None)));
    }
    tables
}

fn text<'a>(row: &'a MetricRow, name: &str) -> Option<&'a str> {
    row.dimensions.get(name).and_then(Value::as_str)
}

fn is_of(row: &MetricRow, region: &str) -> bool {
    text(row, "region") == Some(region)
}

/// Returns the keys of a row other than its region.
fn other_keys(row: &MetricRow) -> BTreeMap<String, String> {
    row.dimensions
        .iter()
        .filter(|(name, _)| *name != "region")
        .map(|(name, key)| (name.clone(), key.to_string()))
        .collect()
}

fn definition(metric: &str) -> &'static MetricDefinition {
    registry().iter().map(|one| one.definition()).find(|one| one.id == metric).unwrap()
}

/// Returns whether an extra has no information: it is empty, the default of a parameter, or a note
/// of too few values.
fn is_nothing(metric: &str, value: &Value) -> bool {
    let is_default =
        definition(metric).parameters.iter().any(|parameter| parameter.is_default(value));
    value.is_null()
        || value.as_f64() == Some(0.0)
        || value.as_array().is_some_and(Vec::is_empty)
        || is_default
        || *value == "TOO_FEW"
        || *value == true
}

/// Fails if nothing is published about the regions with many organizations.
pub fn check_published(released: &Snapshot) {
    let result =
        evaluate(released, "capability_performance", &query(&[Dimension::Region], None), &viewer())
            .unwrap();
    let published = result.rows.iter().filter(|row| row.n > 0 && !is_of(row, SECRET)).count();
    assert!(published > 1, "{published} regions are published: {:?}", result.rows);
}

/// Fails if a row reveals the secret: it is neither suppressed nor equal to the row without the
/// secret records.
fn check_row(claim: &SecrecyClaim, row: &MetricRow, without: Option<&MetricRow>) {
    if row.reliability == Reliability::Suppressed {
        assert!(
            row.n == 0 && row.value.is_none() && row.numerator.is_none() && row.extra.is_empty(),
            "{row:?}"
        );
        return;
    }
    for (name, value) in row
        .extra
        .iter()
        .filter(|(name, _)| claim.extras.is_empty() || claim.extras.contains(&name.as_str()))
    {
        let same = without.and_then(|row| row.extra.get(name)) == Some(value);
        assert!(
            same || is_nothing(claim.metric, value),
            "{} states {name}: {row:?}\nwithout the secret: {without:?}",
            claim.metric
        );
    }
    if claim.is_value_secret {
        let numbers = |row: &MetricRow| [row.value, row.ci_low, row.ci_high];
        let allowed = without.map_or([None; 3], numbers);
        let is_allowed =
            numbers(row).iter().zip(allowed).all(|(one, allowed)| one.is_none() || *one == allowed);
        assert!(is_allowed, "{} states {row:?}\nwithout the secret: {without:?}", claim.metric);
    }
    if claim.extras.is_empty() {
        let numbers = |row: &MetricRow| {
            (row.n, row.value.unwrap_or(0.0), row.numerator.unwrap_or(0.0), row.ci_low, row.ci_high)
        };
        let nothing = (0, 0.0, 0.0, None, None);
        let expected = without.map_or(nothing, numbers);
        assert_eq!(
            numbers(row),
            expected,
            "{} states {row:?}\nwithout the secret: {without:?}",
            claim.metric
        );
    }
}

/// Fails if the figure of region 1 results from the figures of the state and the other regions.
fn check_remainder(
    claim: &SecrecyClaim,
    state: &[MetricRow],
    regional: &[MetricRow],
    truth: &[MetricRow],
) {
    let is_published = |row: &&MetricRow| row.reliability != Reliability::Suppressed;
    for total in state.iter().filter(is_published) {
        let parts: Vec<&MetricRow> = regional
            .iter()
            .filter(|row| other_keys(row) == other_keys(total) && !is_of(row, SECRET))
            .collect();
        let secret = truth
            .iter()
            .find(|row| is_of(row, SECRET) && other_keys(row) == other_keys(total))
            .map_or(0, |row| row.n);
        if secret > 0 && parts.iter().all(is_published) {
            let sum: u64 = parts.iter().map(|part| part.n).sum();
            assert_ne!(
                total.n.checked_sub(sum),
                Some(secret),
                "{}: {total:?} less {parts:?}",
                claim.metric
            );
        }
    }
}

/// Fails if a reader learns the secret from any table that the reader may read.
pub fn check(claim: &SecrecyClaim, released: &Snapshot, without: &Snapshot) {
    let local_viewer = Viewer::local();
    let (mut answered, mut planted, mut published) = (0, false, 0);
    for query in tables(claim.metric) {
        let live = |snapshot: &Snapshot| {
            evaluate(snapshot, claim.metric, &query, &local_viewer)
                .map(|result| result.rows.to_vec())
                .unwrap_or_default()
        };
        let (truth, before) = (live(released), live(without));
        let of_secret = |rows: &[MetricRow]| {
            rows.iter().filter(|row| is_of(row, SECRET)).cloned().collect::<Vec<_>>()
        };
        planted |= of_secret(&truth) != of_secret(&before);
        for reader in [viewer(), member(OWN)] {
            let Ok(result) = evaluate(released, claim.metric, &query, &reader) else { continue };
            answered += 1;
            let mut rows = result.rows.to_vec();
            if query.period.is_none()
                && query.group_by.as_ref().is_some_and(|by| *by == [Dimension::Region])
            {
                let compared = compare_regions(released, claim.metric, &query, &reader).unwrap();
                rows.extend(
                    compared.into_iter().filter(|one| one.region == SECRET).map(|one| one.row),
                );
            }
            for row in rows.iter().filter(|row| is_of(row, SECRET)) {
                published += usize::from(row.reliability != Reliability::Suppressed);
                let same = before
                    .iter()
                    .find(|one| is_of(one, SECRET) && other_keys(one) == other_keys(row));
                check_row(claim, row, same);
            }
            let by_region = MetricQuery {
                group_by: query.group_by.clone().map(|by| [vec![Dimension::Region], by].concat()),
                ..query.clone()
            };
            if claim.extras.is_empty()
                && !query.group_by.iter().flatten().any(|one| *one == Dimension::Region)
                && let Ok(regional) = evaluate(released, claim.metric, &by_region, &reader)
                && let Ok(truth) = evaluate(released, claim.metric, &by_region, &local_viewer)
            {
                check_remainder(claim, &rows, &regional.rows, &truth.rows);
            }
        }
    }
    assert!(answered > 0, "{} answers {answered} tables", claim.metric);
    assert!(planted, "{}: the planted records are not counted at all", claim.metric);
    assert!(
        claim.extras.is_empty() || published > 0,
        "{}: all rows are suppressed, so the claim about {:?} is empty",
        claim.metric,
        claim.extras
    );
    check_forbidden(claim.metric, released);
}

/// Fails if a query about other regions may have a parameter, a window or another day.
fn check_forbidden(metric: &'static str, released: &Snapshot) {
    let definition = definition(metric);
    let plain = query(&[Dimension::Region], None);
    let day = |text: &str| Some(text.parse().unwrap());
    let mut queries = vec![
        MetricQuery { from: day("2026-01-01"), ..plain.clone() },
        MetricQuery { to: day("2026-03-31"), ..plain.clone() },
        MetricQuery { as_of: "2026-06-29".parse().unwrap(), ..plain.clone() },
        MetricQuery { period: Some(Grain::Year), ..plain.clone() },
    ];
    for parameter in definition.parameters {
        let other =
            parameter.allowed.iter().find(|value| !parameter.is_default(&Value::from(**value)));
        let values = match other {
            Some(value) => vec![Value::from(*value)],
            None if parameter.name.ends_with("Milestone") => vec![Value::from("aar_final")],
            None => [7, 8, 1_000_000].map(Value::from).to_vec(),
        };
        for value in values {
            queries.push(MetricQuery {
                parameters: [(parameter.name.to_owned(), value)].into(),
                ..plain.clone()
            });
        }
    }
    for query in queries {
        for by in [vec![], definition.default_group_by.to_vec(), vec![Dimension::Region]] {
            let query = MetricQuery { group_by: Some(by), ..query.clone() };
            for reader in [viewer(), member(OWN)] {
                let answer = evaluate(released, metric, &query, &reader);
                let is_understood = evaluate(released, metric, &query, &Viewer::local()).is_ok();
                let is_forbidden =
                    answer.as_ref().is_err_and(|error| error.is_forbidden() || !is_understood);
                assert!(is_forbidden, "{metric} {query:?}: {answer:?}");
            }
        }
    }
}
