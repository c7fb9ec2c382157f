//! Small cells of other regions: withheld, with enough of their neighbours that totals do not give them back.
//!
//! Decided on the whole partition by region, whatever was asked, so that two questions cannot be played against each other: a
//! cell that is withheld in one answer is withheld in all.

use std::collections::{BTreeMap, BTreeSet};

use hotwash_schema::access::Viewer;
use serde_json::Map;

use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::Definition;
use crate::metric::Metric;
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;

/// Largest n that discloses an organisation; a true zero is shown.
pub const SMALL: u64 = 4;
const NOTE: &str = "withheld: so few records would name an organisation of another region";

/// Keys of a row besides its region.
type Others = Vec<(String, String)>;

fn others(row: &Row) -> Others {
    row.dimensions
        .iter()
        .filter(|(name, _)| *name != "region")
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect()
}

fn region(row: &Row) -> String {
    row.dimensions.get("region").and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

fn is_small(row: &Row) -> bool {
    (1..=SMALL).contains(&row.n)
}

/// Withholds what the viewer may not see.
///
/// # Errors
/// When a filter names several regions but not all without grouping by region, which would allow differences.
pub fn suppress(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    ask: &Ask,
    group_by: &[Dimension],
    viewer: &Viewer,
    rows: Vec<Row>,
) -> Result<Vec<Row>, MetricError> {
    let definition = metric.definition();
    if viewer.sees_all_detail() || !definition.dimensions.contains(&Dimension::Region) {
        return Ok(rows);
    }
    let rows: Vec<Row> = rows.into_iter().map(|row| without_single_records(row, definition, ask, viewer)).collect();
    let mut by: Vec<Dimension> = group_by.to_vec();
    if !by.contains(&Dimension::Region) {
        by.push(Dimension::Region);
    }
    let mut whole = Ask { group_by: Some(by.clone()), ..ask.clone() };
    whole.filter.remove(&Dimension::Region);
    // One organisation is fewer than may be shown of another region, however many records it has.
    let names_one = group_by.contains(&Dimension::Organization) || ask.filter.contains_key(&Dimension::Organization);
    let withheld = withheld(&metric.compute(snapshot, &whole, &by)?, viewer, names_one);
    if group_by.contains(&Dimension::Region) {
        return Ok(rows
            .into_iter()
            .map(|row| if withheld.contains(&(others(&row), region(&row))) { hide(row) } else { row })
            .collect());
    }
    let Some(asked) = ask.filter.get(&Dimension::Region) else {
        // The state as a whole: open, unless it is small itself.
        return Ok(rows.into_iter().map(|row| if names_one || is_small(&row) { hide(row) } else { row }).collect());
    };
    if asked.len() > 1 && !asked.iter().all(|code| viewer.sees_region(code)) {
        return Err(MetricError::Parameter {
            metric: definition.id,
            name: "region".into(),
            reason: "can be one region of others, your own, or none for the whole state; to compare, group by region"
                .into(),
        });
    }
    Ok(rows
        .into_iter()
        .map(
            |row| {
                if asked.iter().any(|code| withheld.contains(&(others(&row), code.clone()))) { hide(row) } else { row }
            },
        )
        .collect())
}

/// Cells of other regions that are small, and where only one is, the next smallest beside it.
fn withheld(rows: &[Row], viewer: &Viewer, names_one: bool) -> BTreeSet<(Others, String)> {
    let mut groups: BTreeMap<Others, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(others(row)).or_default().push(row);
    }
    let mut withheld = BTreeSet::new();
    for (keys, group) in groups {
        let mut foreign: Vec<&Row> =
            group.into_iter().filter(|row| !viewer.sees_region(&region(row)) && row.n > 0).collect();
        foreign.sort_by_key(|row| (row.n, region(row)));
        let small = foreign.iter().filter(|row| is_small(row)).count();
        let hidden = match small {
            _ if names_one => foreign.len(),
            1 => 2,
            small => small,
        };
        for row in foreign.into_iter().take(hidden) {
            withheld.insert((keys.clone(), region(row)));
        }
    }
    withheld
}

/// A row without what tells of single records, unless its region's detail is open.
fn without_single_records(mut row: Row, definition: &Definition, ask: &Ask, viewer: &Viewer) -> Row {
    let asked = ask.filter.get(&Dimension::Region);
    let open = match row.dimensions.get(Dimension::Region.key()) {
        Some(_) => viewer.sees_region(&region(&row)),
        None => asked.is_some_and(|codes| codes.iter().all(|code| viewer.sees_region(code))),
    };
    if !open {
        row.extra.retain(|name, _| !definition.single_records.contains(&name.as_str()));
    }
    row
}

fn hide(row: Row) -> Row {
    Row {
        value: None,
        numerator: None,
        denominator: None,
        n: 0,
        ci_low: None,
        ci_high: None,
        reliability: Reliability::Suppressed,
        note: Some(NOTE.into()),
        extra: Map::new(),
        ..row
    }
}
