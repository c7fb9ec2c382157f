//! Compares regions with the state, and computes the funnel within which regions differ by chance
//! alone.

use hotwash_schema::access::Viewer;
use hotwash_schema::vocabulary::Vocabulary;
use hotwash_statistics::Z_95;

use crate::definition::Unit;
use crate::evaluate::evaluate;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// Two-sided 99.8% quantile of the standard normal distribution.
const Z_998: f64 = 3.090_232_306_167_814;

/// Positions of a region in relation to the funnel.
pub static FUNNEL_POSITION: Vocabulary = Vocabulary {
    name: "FunnelPosition",
    meaning: "Position of a region in relation to the 99.8% funnel around the state's share.",
    codes: &["ABOVE", "WITHIN", "BELOW", "TOO_FEW", "NOT_COMPARED"],
    meanings: &[
        "Above the funnel.",
        "Within the funnel: the difference may be chance.",
        "Below the funnel.",
        "Too few records to judge.",
        "The metric is not a share, or has no value.",
    ],
};

/// A region compared with the state.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The region's own row.
    pub row: MetricRow,
    /// Region code.
    pub region: String,
    /// Value of the state. An event in two regions counts once in it.
    pub state: Option<f64>,
    /// Value of the region minus value of the state.
    pub difference: Option<f64>,
    /// 95% funnel around the state's share; `None` if the metric is not a share.
    pub funnel: Option<(f64, f64)>,
    /// 99.8% funnel around the state's share; `None` if the metric is not a share.
    pub wide_funnel: Option<(f64, f64)>,
    /// A code of [`FUNNEL_POSITION`].
    pub funnel_position: &'static str,
}

/// Returns the number of observations behind a share; `None` if it has no denominator.
/// Quantities, such as cots of a request, are not observations of their own: the records are.
fn observations(row: &MetricRow) -> Option<f64> {
    row.denominator.map(|denominator| denominator.min(row.n as f64)).filter(|n| *n > 0.0)
}

fn limits(share: f64, n: f64, z: f64) -> (f64, f64) {
    let half = z * (share * (1.0 - share) / n).sqrt();
    ((share - half).max(0.0), (share + half).min(1.0))
}

/// Compares the regions by a metric.
///
/// # Errors
/// As [`evaluate`], and if the metric cannot be grouped by region.
pub fn compare_regions(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
    viewer: &Viewer,
) -> Result<Vec<Comparison>, MetricError> {
    let by_region =
        MetricQuery { group_by: Some(vec![Dimension::Region]), period: None, ..query.clone() };
    let mut integer = MetricQuery { group_by: Some(Vec::new()), period: None, ..query.clone() };
    integer.filter.remove(&Dimension::Region);
    let regions = evaluate(snapshot, id, &by_region, viewer)?;
    let state = match evaluate(snapshot, id, &integer, viewer) {
        Ok(result) => result.rows.first().and_then(|row| row.value),
        // A metric that is never pooled over regions has no value for the state.
        Err(MetricError::Dimension { .. }) => None,
        Err(error) => return Err(error),
    };
    let is_share = regions.definition.unit == Unit::Share;
    let compared = regions.rows.into_iter().filter_map(|row| {
        let region = row.dimensions.get("region")?.as_str()?.to_owned();
        let n = observations(&row).filter(|_| is_share);
        let funnel = |z: f64| state.zip(n).map(|(share, n)| limits(share, n, z));
        let (funnel, wide_funnel) = (funnel(Z_95), funnel(Z_998));
        let funnel_position = match (row.value, wide_funnel) {
            _ if !row.is_judged() => "TOO_FEW",
            (Some(value), Some((_, high))) if value > high => "ABOVE",
            (Some(value), Some((low, _))) if value < low => "BELOW",
            (Some(_), Some(_)) => "WITHIN",
            _ => "NOT_COMPARED",
        };
        let difference = row.value.zip(state).map(|(value, state)| value - state);
        Some(Comparison { row, region, state, difference, funnel, wide_funnel, funnel_position })
    });
    Ok(compared.filter(|one| one.region != "unmapped").collect())
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::row::Reliability;

    #[test]
    fn quantities_are_no_observations_of_their_own() {
        let row = |denominator, n| MetricRow {
            dimensions: Map::new(),
            value: Some(0.5),
            unit: Unit::Share,
            numerator: denominator,
            denominator,
            n,
            ci_low: None,
            ci_high: None,
            reliability: Reliability::Ok,
            note: None,
            extra: Map::new(),
        };
        // 2,000 cots of 12 requests; 30 ratings; 8 reports due of 10 events; no denominator.
        let rows = [row(Some(2_000.0), 12), row(Some(30.0), 30), row(Some(8.0), 10), row(None, 7)];
        assert_eq!(rows.each_ref().map(observations), [Some(12.0), Some(30.0), Some(8.0), None]);
    }
}
