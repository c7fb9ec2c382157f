//! The events of the warehouse: what facts have from them, found by their id.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hotwash_schema::SchemaError;
use tokio_postgres::Transaction;

use super::names::Names;
use super::read::{Filling, Labels, columns};
use super::tables::{EVENT, EVENTS_SQL, Kind, REGIONS_SQL};

/// A column: values, kind, and names where they are labels.
type EventColumn = (Vec<Option<i32>>, Kind, Option<Arc<Vec<String>>>);

/// All events.
#[derive(Debug, Default)]
pub struct Events {
    places: HashMap<i64, u32>,
    dense: Vec<u32>,
    columns: BTreeMap<&'static str, EventColumn>,
}

/// The same as it is lent.
type Lent<'a> = (&'a [Option<i32>], Kind, Option<Arc<Vec<String>>>);

/// No event.
const NOWHERE: u32 = u32::MAX;

impl Events {
    /// Reads them.
    pub(super) async fn read(transaction: &Transaction<'_>, names: &Names) -> Result<Self, SchemaError> {
        let mut kinds = vec![("event_id", Kind::Key)];
        kinds.extend(EVENT.iter().filter(|(name, _)| *name != "regions"));
        let mut filled = columns(transaction, EVENTS_SQL, &kinds, names).await?.into_iter();
        let ids: Vec<i64> = match filled.next() {
            Some(Filling::Key(list)) => list.into_iter().flatten().collect(),
            _ => Vec::new(),
        };
        let mut events = Self::default();
        events.find_by(&ids);
        for ((name, kind), column) in kinds[1..].iter().zip(filled) {
            events.columns.insert(
                name,
                match column {
                    Filling::Whole(list) => (list, *kind, None),
                    Filling::Flag(list) => (list.into_iter().map(|flag| flag.map(i32::from)).collect(), *kind, None),
                    Filling::Label(list, labels) => (list, *kind, Some(Arc::new(labels.names()))),
                    Filling::Key(_) | Filling::Number(_) => continue,
                },
            );
        }
        let pairs =
            columns(transaction, REGIONS_SQL, &[("event_id", Kind::Key), ("region_id", Kind::Id)], names).await?;
        events.columns.insert("regions", events.sets(ids.len(), &pairs, names));
        Ok(events)
    }

    /// Each event's set of regions, as the codes joined by `+`: an event in two regions is one record of the set of both.
    fn sets(&self, count: usize, pairs: &[Filling], names: &Names) -> EventColumn {
        let mut of: Vec<(u32, i32)> = match pairs {
            [Filling::Key(events), Filling::Whole(found)] => {
                let pairs = events.iter().zip(found).map(|(event, region)| (self.place(*event), region.unwrap_or(-1)));
                pairs.filter(|(event, _)| *event != NOWHERE).collect()
            }
            _ => Vec::new(),
        };
        of.sort_unstable();
        let mut labels = Labels::default();
        let nowhere = labels.place("unmapped");
        let mut known: HashMap<Vec<i32>, i32> = HashMap::new();
        let mut sets = vec![Some(nowhere); count];
        for group in of.chunk_by(|one, two| one.0 == two.0) {
            let ids: Vec<i32> = group.iter().map(|(_, region)| *region).collect();
            let place = *known.entry(ids).or_insert_with_key(|ids| {
                let mut codes: Vec<&str> = ids.iter().map(|id| names.region(*id)).collect();
                codes.sort_unstable();
                codes.dedup();
                labels.place(&codes.join("+"))
            });
            sets[group[0].0 as usize] = Some(place);
        }
        (sets, Kind::Set, Some(Arc::new(labels.names())))
    }

    /// Ids are mostly without gaps: a list by id is faster than a map.
    fn find_by(&mut self, ids: &[i64]) {
        let largest = ids.iter().copied().max().unwrap_or(0);
        if ids.iter().all(|id| *id >= 0) && (largest as usize) < ids.len() * 8 + 1_024 {
            self.dense = vec![NOWHERE; largest as usize + 1];
            for (id, place) in ids.iter().zip(0..) {
                self.dense[*id as usize] = place;
            }
        } else {
            self.places = ids.iter().copied().zip(0..).collect();
        }
    }

    /// Where an event's values stand.
    pub(super) fn place(&self, id: Option<i64>) -> u32 {
        let Some(id) = id else { return NOWHERE };
        if self.dense.is_empty() {
            return self.places.get(&id).copied().unwrap_or(NOWHERE);
        }
        usize::try_from(id).ok().and_then(|id| self.dense.get(id)).copied().unwrap_or(NOWHERE)
    }

    /// A column.
    pub(super) fn column(&self, name: &str) -> Option<Lent<'_>> {
        self.columns.get(name).map(|(list, kind, names)| (list.as_slice(), *kind, names.clone()))
    }
}
