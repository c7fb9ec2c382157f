//! Small cells of other regions: withheld, with enough of their neighbours that totals do not give them back.
//!
//! What may be asked of other regions is a fixed set of tables: by region and at most one further dimension or period, of whole months.
//! Which cells of them are withheld is decided on the whole table, whatever part of it was asked for, so that two questions
//! cannot be played against each other.

mod follows;
mod partition;
mod published;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Datelike;
use hotwash_schema::access::Viewer;
use serde_json::Map;

use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::Definition;
use crate::metric::{Metric, rows as rows_of};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;
use partition::withheld;
pub(crate) use published::withheld_from;
pub(crate) use table::Table;
pub(crate) use table::{Place, place};

/// Largest n that discloses an organisation; a true zero is shown.
pub const SMALL: u64 = 4;
/// Fewest distinct organisations that a cell of another region may be made of.
pub const FEWEST_ORGANIZATIONS: u64 = 3;
const NOTE: &str = "withheld: so few records or organisations would name an organisation of another region";

/// Withholds what the viewer may not see.
///
/// # Errors
/// When the question cuts other regions finer than they are told: by days, by several further dimensions, or as a union.
pub fn suppress(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    ask: &Ask,
    group_by: &[Dimension],
    viewer: &Viewer,
    rows: &[Row],
) -> Result<Vec<Row>, MetricError> {
    let Some(withheld) = withheld_rows(snapshot, metric, ask, group_by, viewer, rows)? else {
        return Ok(rows.to_vec());
    };
    let definition = metric.definition();
    let told = rows.iter().cloned().zip(withheld).map(|(row, withheld)| {
        let row = without_single_records(row, definition, viewer);
        if withheld { hide(row) } else { row }
    });
    Ok(told.collect())
}

/// Whether each row of an answer is withheld from the viewer; none when the viewer may see all of each.
fn withheld_rows(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    ask: &Ask,
    group_by: &[Dimension],
    viewer: &Viewer,
    rows: &[Row],
) -> Result<Option<Vec<bool>>, MetricError> {
    let definition = metric.definition();
    if viewer.sees_all_detail() || !definition.dimensions.contains(&Dimension::Region) {
        return Ok(None);
    }
    let asked = ask.filter.get(&Dimension::Region);
    if asked.is_some_and(|codes| codes.iter().all(|code| viewer.sees_region(code))) {
        return Ok(None);
    }
    // One organisation is fewer than may be shown of another region, however many records it has.
    let names_one = group_by.contains(&Dimension::Organization) || ask.filter.contains_key(&Dimension::Organization);
    let told_apart = asked.is_some() || group_by.contains(&Dimension::Region);
    allowed(definition, ask, group_by, told_apart)?;
    if !told_apart {
        if names_one {
            return Ok(Some(vec![true; rows.len()]));
        }
        let own = own_counts(snapshot, metric, ask, group_by, viewer)?;
        let small = |row: &Row| {
            let own = own.get(&place(&row.dimensions)).copied().unwrap_or_default();
            is_few(row.n) || is_few(row.n.saturating_sub(own))
        };
        return Ok(Some(rows.iter().map(small).collect()));
    }
    let mut by: Vec<Dimension> = group_by.iter().chain(ask.filter.keys()).copied().collect();
    by.push(Dimension::Region);
    let by: Vec<Dimension> = by.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let whole = Ask { filter: BTreeMap::new(), group_by: None, ..ask.clone() };
    // Without a filter its rows are those of the answer.
    let known = (ask.filter.is_empty() && by.len() == group_by.len()).then_some(rows);
    let table = Table::of(snapshot, metric, &whole, &by, known)?;
    let withheld = withheld(&table, viewer);
    let is_withheld = |row: &Row| {
        // The cell of the whole table that this row is.
        let mut keys = row.dimensions.clone();
        for (dimension, values) in &ask.filter {
            if let [value] = values.as_slice() {
                keys.entry(dimension.key()).or_insert_with(|| value.clone().into());
            }
        }
        let own = keys.get("region").and_then(|code| code.as_str()).is_some_and(|code| viewer.sees_region(code));
        !own && (names_one || table.cell(&place(&keys)).is_some_and(|cell| withheld[cell]))
    };
    Ok(Some(rows.iter().map(is_withheld).collect()))
}

/// Dimensions of which one follows from the other count once.
fn families(dimensions: impl Iterator<Item = Dimension>) -> usize {
    let family = |dimension| match dimension {
        Dimension::Framework => Dimension::Capability,
        Dimension::HazardCategory => Dimension::Hazard,
        Dimension::Discipline => Dimension::Organization,
        other => other,
    };
    dimensions.filter(|dimension| *dimension != Dimension::Region).map(family).collect::<BTreeSet<_>>().len()
}

fn allowed(definition: &Definition, ask: &Ask, group_by: &[Dimension], told_apart: bool) -> Result<(), MetricError> {
    let refuse = |name, reason| Err(MetricError::TooFine { metric: definition.id, name, reason });
    let ends_month = |day: chrono::NaiveDate| day.succ_opt().is_none_or(|next| next.day() == 1);
    if ask.from.is_some_and(|from| from.day() != 1) || ask.to.is_some_and(|to| !ends_month(to) && to < ask.as_of) {
        return refuse(
            "from and to",
            "span whole months where other regions are counted; give a first and a last day of months",
        );
    }
    if !told_apart {
        return Ok(());
    }
    if ask.filter.iter().any(|(dimension, values)| values.len() != 1 && !group_by.contains(dimension)) {
        return refuse(
            "where",
            "can name one region of others, your own, or none for the whole state, and one value of another dimension; to compare, group by it",
        );
    }
    if families(group_by.iter().chain(ask.filter.keys()).copied()) + usize::from(ask.period.is_some()) > 1 {
        return refuse(
            "groups",
            "tell other regions apart by at most one further dimension or by period; ask for your own region, or for the state, to go deeper",
        );
    }
    Ok(())
}

/// Records of the viewer's own regions in each row of a question about the state, by the row's place.
fn own_counts(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    ask: &Ask,
    group_by: &[Dimension],
    viewer: &Viewer,
) -> Result<HashMap<Place, u64>, MetricError> {
    let regions = snapshot.regions.values().filter(|region| viewer.sees_region(&region.code));
    let own: Vec<String> = regions.map(|region| region.code.clone()).collect();
    if own.is_empty() {
        return Ok(HashMap::new());
    }
    let mut asked = ask.clone();
    asked.filter.insert(Dimension::Region, own);
    Ok(rows_of(metric, snapshot, &asked, group_by)?.iter().map(|row| (place(&row.dimensions), row.n)).collect())
}

fn is_few(n: u64) -> bool {
    (1..=SMALL).contains(&n)
}

/// A row without what tells of single records, unless its region's detail is open.
fn without_single_records(mut row: Row, definition: &Definition, viewer: &Viewer) -> Row {
    let region = row.dimensions.get(Dimension::Region.key()).and_then(|code| code.as_str());
    if !region.is_some_and(|code| viewer.sees_region(code)) {
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
