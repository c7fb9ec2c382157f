//! The records behind a row: which facts were counted, by their ids. Each record itself tells the file, row and load behind it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hotwash_schema::access::Viewer;

use crate::ask::{Ask, Dimension, MetricError, Period};
use crate::cube::{Cube, Plan, chosen, column, cube, when, whole};
use crate::metric::find;
use crate::snapshot::{Snapshot, opened, table};
use crate::suppress::Place;

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

/// How many distinct organisations each cell of a table is made of, by the cell's place; none for a metric of public records or of
/// organisations themselves. A record of no known organisation counts for the participants of its event, or else for one of
/// its own.
///
/// # Errors
/// As the metric itself.
pub(crate) fn organizations(
    snapshot: &Snapshot,
    id: &str,
    ask: &Ask,
    by: &[Dimension],
) -> Result<Option<BTreeMap<Place, u64>>, MetricError> {
    let Some(counted) = find(id)?.counted(ask).filter(|counted| counted.of_organizations) else { return Ok(None) };
    if !by.iter().all(|dimension| counted.tells(*dimension)) {
        return Ok(None);
    }
    let has = |name: &str| table(counted.facts.table).kind(name).is_some();
    let unnamed = || whole(0).less(column(if has("event_id") { "event_id" } else { counted.key }));
    let known = has("organization_id");
    let facts = if known {
        let named = column("organization_id").over(whole(0));
        counted.facts.key("contributor", when(named, column("organization_id"), unnamed()))
    } else {
        counted.facts.key("contributor", column("event_id"))
    };
    let mut participants: HashMap<i64, Vec<i64>> = HashMap::new();
    if !known {
        let pairs = Cube::of("participations").key("event", column("event_id")).key("who", column("organization_id"));
        for group in cube(snapshot, &pairs, &Ask { as_of: ask.as_of, ..Ask::default() }, &[])? {
            for (event, who) in group.whole("event").iter().zip(group.whole("who")) {
                if let Some((event, who)) = event.zip(*who) {
                    participants.entry(event).or_default().push(who);
                }
            }
        }
    }
    let mut counts = BTreeMap::new();
    for group in cube(snapshot, &facts, ask, by)? {
        let mut contributors: BTreeSet<i64> = BTreeSet::new();
        for one in group.whole("contributor").iter().flatten() {
            match participants.get(one) {
                Some(list) => contributors.extend(list),
                None => _ = contributors.insert(if known { *one } else { -one }),
            }
        }
        let place = crate::suppress::place(&crate::metric::dimensions(&group, by));
        counts.insert(place, contributors.len() as u64);
    }
    Ok(Some(counts))
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
    let region = keys.get(&Dimension::Region);
    let open = viewer.sees_all_detail() || region.is_some_and(|code| viewer.sees_region(code));
    let mut asked = Ask { group_by: None, period: None, ..ask.clone() };
    for (dimension, value) in keys {
        asked.filter.insert(*dimension, vec![value.clone()]);
    }
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
