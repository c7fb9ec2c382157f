//! The records behind a row: which facts were counted, by their ids. Each record itself tells the file, row and load behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hotwash_schema::access::Viewer;

use crate::ask::{Ask, Dimension, MetricError, Period};
use crate::codes;
use crate::cube::{Cube, Plan, chosen, column, cube, few, when, whole};
use crate::engine::Behind;
use crate::metric::{Metric, check_parameters, dimensions, find, standing};
use crate::snapshot::{Snapshot, opened, table};
use crate::suppress::{FEWEST_ORGANIZATIONS, Place, place};

/// Key of who contributed a record.
const CONTRIBUTOR: &str = "contributor";

/// A record, by its GraphQL type and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordId {
    /// GraphQL type, e.g. `CapabilityRating`.
    pub kind: &'static str,
    /// Key in the warehouse.
    pub key: i64,
}

/// The records that a metric counts.
pub struct Counted {
    /// Their table, with the day they go by and what they must meet.
    facts: Cube,
    /// GraphQL type.
    kind: &'static str,
    /// Column of their key.
    key: &'static str,
    /// Whether few organisations behind a cell are told by it.
    of_organizations: bool,
}

impl Counted {
    /// Records of a GraphQL type, with the column of their key.
    pub fn of(kind: &'static str, key: &'static str, facts: Cube) -> Option<Self> {
        Some(Self { facts, kind, key, of_organizations: true })
    }

    /// Records that are public, or organisations themselves: how many organisations are behind a cell tells nothing more.
    pub fn public(kind: &'static str, key: &'static str, facts: Cube) -> Option<Self> {
        Some(Self { facts, kind, key, of_organizations: false })
    }

    /// Ratings.
    pub fn ratings() -> Option<Self> {
        Self::of("CapabilityRating", "rating_id", Cube::of("ratings").by_day("local_date"))
    }

    /// Corrective actions as they stood, by one of their days.
    pub fn actions(ask: &Ask, day: &'static str) -> Option<Self> {
        Self::of("CorrectiveAction", "action_id", opened(ask).by_day(day))
    }

    /// Events.
    pub fn events() -> Option<Self> {
        Self::of("Event", "event_id", Cube::of("events").by_day("local_date"))
    }

    /// Whether their table tells the dimension.
    fn tells(&self, dimension: Dimension) -> bool {
        let facts = table(self.facts.table);
        match dimension {
            Dimension::Region => facts.kind("regions").is_some(),
            Dimension::Hazard | Dimension::HazardCategory => facts.kind("hazard_id").is_some(),
            Dimension::Element => facts.kind("elements").or(facts.kind("element")).is_some(),
            Dimension::Organization => facts.kind("organization_id").is_some(),
            other => facts.kind(&other.to_string()).is_some(),
        }
    }
}

/// How many distinct organisations each cell of a table is made of, counted up to [`FEWEST_ORGANIZATIONS`], by the cell's place; none
/// for a metric of public records or of organisations themselves. A record of no known organisation counts for the participants of
/// its event, or else for one of its own.
///
/// # Errors
/// As the metric itself.
pub(crate) fn organizations(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    ask: &Ask,
    by: &[Dimension],
) -> Result<Option<BTreeMap<Place, u64>>, MetricError> {
    let Some(days) = standing(metric, snapshot, ask)? else { return organizations_at(snapshot, metric, ask, by) };
    let mut counts = BTreeMap::new();
    for (period, at) in days {
        let Some(found) = organizations_at(snapshot, metric, &at, by)? else { return Ok(None) };
        for (mut place, count) in found {
            place.push(("periodStart".into(), period.start.to_string()));
            place.sort();
            counts.insert(place, count);
        }
    }
    Ok(Some(counts))
}

fn organizations_at(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    ask: &Ask,
    by: &[Dimension],
) -> Result<Option<BTreeMap<Place, u64>>, MetricError> {
    let Some(counted) = metric.counted(ask).filter(|counted| counted.of_organizations) else { return Ok(None) };
    if !by.iter().all(|dimension| counted.tells(*dimension)) {
        return Ok(None);
    }
    let has = |name: &str| table(counted.facts.table).kind(name).is_some();
    let (contributor, behind) = if has("organization_id") {
        let unnamed = whole(0).less(column(if has("event_id") { "event_id" } else { counted.key }));
        let named = column("organization_id").over(whole(0));
        (when(named, column("organization_id"), unnamed), Arc::new(Behind::organizations()))
    } else {
        (column("event_id"), participants(snapshot)?)
    };
    let mut counts = BTreeMap::new();
    for group in few(snapshot, &counted.facts.key(CONTRIBUTOR, contributor), ask, by, &behind)? {
        let distinct: BTreeSet<i64> = group.whole(CONTRIBUTOR).iter().copied().flatten().collect();
        let place = place(&dimensions(&group, by));
        counts.insert(place, FEWEST_ORGANIZATIONS.min(distinct.len() as u64));
    }
    Ok(Some(counts))
}

/// The participants of each event, gathered once for a snapshot.
fn participants(snapshot: &Snapshot) -> Result<Arc<Behind>, MetricError> {
    snapshot.remembered().participants(|| {
        let pairs = Cube::of("participations").key("event", column("event_id")).key("who", column("organization_id"));
        let groups = cube(snapshot, &pairs, &Ask::always(), &[])?;
        let pairs = groups.iter().flat_map(|group| group.whole("event").iter().zip(group.whole("who")));
        Ok(Behind::events(pairs.filter_map(|(event, who)| event.zip(*who))))
    })
}

/// Up to `first` records behind the row of a metric with these keys, in the order of their ids; none for a metric that counts
/// no single records, and none of other regions for a viewer who sees only aggregates of them.
///
/// # Errors
/// As the metric itself.
pub fn records(
    snapshot: &Snapshot,
    id: &str,
    ask: &Ask,
    keys: &BTreeMap<Dimension, String>,
    period: Option<Period>,
    first: usize,
    viewer: &Viewer,
) -> Result<Vec<RecordId>, MetricError> {
    let metric = find(id)?;
    check_parameters(metric.definition(), ask)?;
    let region = keys.get(&Dimension::Region);
    let open = viewer.sees_all_detail() || region.is_some_and(|code| viewer.sees_region(code));
    let mut asked = Ask { group_by: None, period: None, ..ask.clone() };
    for (dimension, value) in keys {
        asked.filter.insert(*dimension, vec![value.clone()]);
    }
    codes::check(snapshot, &asked)?;
    if let Some(period) = period {
        asked.from = Some(asked.from.map_or(period.start, |from| from.max(period.start)));
        asked.to = Some(asked.to.map_or(period.end(), |to| to.min(period.end())));
    }
    let Some(counted) = metric.counted(&asked).filter(|_| open) else { return Ok(Vec::new()) };
    // What the table does not tell, such as an organisation's discipline, cannot choose among its records.
    asked.filter.retain(|dimension, _| counted.tells(*dimension));
    let only = chosen(snapshot, &counted.facts, &asked);
    let plan = Plan { table: counted.facts.table, only, keys: Vec::new(), measures: Vec::new() };
    let found = snapshot.engine().first(snapshot, &plan, counted.key, first)?;
    Ok(found.into_iter().map(|key| RecordId { kind: counted.kind, key }).collect())
}
