//! The events of the warehouse, by id. Facts take their columns from here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hotwash_schema::SchemaError;
use hotwash_schema::copy::OpenTransaction;

use super::labels::Labels;
use super::names::SharedNames;
use super::read::{Filling, columns, fill};
use super::statement::Restricted;
use super::tables::{FieldKind, HAPPENED, HELD};
use crate::sql::sql;

/// A column: values, kind, and the names of labels.
type EventColumn = (Vec<Option<i32>>, FieldKind, Option<Arc<Vec<String>>>);

/// All events.
#[derive(Clone, Debug, Default)]
pub struct Events {
    count: usize,
    positions: HashMap<i64, u32>,
    dense: Vec<u32>,
    columns: BTreeMap<&'static str, EventColumn>,
}

/// The same column, borrowed.
type Lent<'a> = (&'a [Option<i32>], FieldKind, Option<Arc<Vec<String>>>);

/// Returns true for each label with this name.
fn is(list: &[Option<i32>], names: &[String], name: &str) -> Vec<bool> {
    let position = names.iter().position(|known| known == name).map(|position| position as i32);
    list.iter().map(|label| position.is_some() && *label == position).collect()
}

/// Position for an unknown event.
const NOWHERE: u32 = u32::MAX;

impl Events {
    /// Reads all events.
    pub(super) async fn read(
        transaction: &OpenTransaction<'_>,
        names: &SharedNames,
    ) -> Result<Self, SchemaError> {
        let mut events = Self::default();
        events.take(transaction, names, None).await?;
        Ok(events)
    }

    /// Reads the events of some keys again. Returns all events, and true if the earlier ones are
    /// unchanged.
    pub(super) async fn patched(
        &self,
        transaction: &OpenTransaction<'_>,
        names: &SharedNames,
        keys: &[i64],
    ) -> Result<(Self, bool), SchemaError> {
        let mut events = self.clone();
        events.take(transaction, names, Some(keys)).await?;
        let same = |(name, (list, _, _)): (&&str, &EventColumn)| {
            events.columns.get(*name).is_some_and(|(now, _, _)| now.starts_with(list))
        };
        let is_unchanged = self.columns.iter().all(same);
        Ok((events, is_unchanged))
    }

    /// Reads all events, or those of some keys, and replaces their earlier values.
    async fn take(
        &mut self,
        transaction: &OpenTransaction<'_>,
        names: &SharedNames,
        keys: Option<&[i64]>,
    ) -> Result<(), SchemaError> {
        let kinds = [
            ("event_id", FieldKind::Key),
            ("local_date", FieldKind::Day),
            ("end_date", FieldKind::Day),
            ("hazard_id", FieldKind::Id),
            ("event_kind", FieldKind::Label),
            ("source", FieldKind::Label),
            ("status", FieldKind::Label),
            ("public", FieldKind::Label),
        ];
        let known = |name: &str| self.columns.get(name).and_then(|(_, _, names)| names.as_ref());
        let begun = kinds.iter().map(|(name, kind)| Filling::after(*kind, known(name))).collect();
        let rows = Restricted { sql: sql!("events_of_facts.sql"), keys };
        let mut filled = fill(transaction, &rows, &kinds, names, begun).await?.into_iter();
        let ids: Vec<i64> = match filled.next() {
            Some(Filling::Key(list)) => list.into_iter().flatten().collect(),
            _ => Vec::new(),
        };
        let positions = self.find_by(&ids);
        let (mut happened, mut incident) = (vec![false; ids.len()], vec![false; ids.len()]);
        let mut public = vec![false; ids.len()];
        for ((name, kind), column) in kinds[1..].iter().zip(filled) {
            match column {
                Filling::Label(list, labels) if *name == "status" => {
                    happened = is(&list, &labels.names(), "HELD")
                }
                Filling::Label(list, labels) if *name == "public" => {
                    public = is(&list, &labels.names(), "PUBLIC")
                }
                Filling::Label(list, labels) => {
                    let labels = labels.names();
                    if *name == "event_kind" {
                        incident = is(&list, &labels, "INCIDENT");
                    }
                    self.set(name, *kind, &positions, list, Some(Arc::new(labels)));
                }
                Filling::Integer(list) => self.set(name, *kind, &positions, list, None),
                _ => {}
            }
        }
        let kinds = [("event_id", FieldKind::Key), ("response", FieldKind::Label)];
        let (mut responded, mut answered) = (vec![false; self.count], vec![false; self.count]);
        let rows = Restricted { sql: sql!("responses.sql"), keys };
        if let [Filling::Key(of), Filling::Label(list, labels)] =
            columns(transaction, &rows, &kinds, names).await?.as_slice()
        {
            let (full, none) =
                (is(list, labels.known(), "RESPONDED"), is(list, labels.known(), "NONE"));
            for (row, position) in of.iter().map(|id| self.position(*id) as usize).enumerate() {
                if position < self.count {
                    (responded[position], answered[position]) = (full[row], !none[row]);
                }
            }
        }
        let kinds = [("event_id", FieldKind::Key), ("exercise_type_id", FieldKind::Id)];
        let mut types = vec![names.no_exercise(); self.count];
        let rows = Restricted { sql: sql!("exercise_types.sql"), keys };
        if let [Filling::Key(of), Filling::Integer(list)] =
            columns(transaction, &rows, &kinds, names).await?.as_slice()
        {
            for (id, kind) in of.iter().zip(list) {
                let position = self.position(*id) as usize;
                if position < self.count {
                    types[position] = names.of_exercise(*kind);
                }
            }
        }
        let flags =
            |list: &mut dyn Iterator<Item = bool>| list.map(|flag| Some(i32::from(flag))).collect();
        let at = || positions.iter().map(|position| *position as usize);
        let types_here = at().map(|position| Some(types[position].0)).collect();
        self.set(
            "exercise_type",
            FieldKind::Label,
            &positions,
            types_here,
            Some(Arc::clone(&names.exercise_type)),
        );
        self.set(
            "operations",
            FieldKind::Flag,
            &positions,
            flags(&mut at().map(|position| types[position].1)),
            None,
        );
        self.set(
            "responded",
            FieldKind::Flag,
            &positions,
            flags(&mut at().map(|position| responded[position])),
            None,
        );
        let took_place = at()
            .zip(&happened)
            .zip(&incident)
            .map(|((position, happened), incident)| *happened && (!incident || answered[position]));
        self.set(HELD, FieldKind::Flag, &positions, flags(&mut took_place.into_iter()), None);
        self.set(HAPPENED, FieldKind::Flag, &positions, flags(&mut happened.into_iter()), None);
        self.set("public", FieldKind::Flag, &positions, flags(&mut public.into_iter()), None);
        let kinds = [("event_id", FieldKind::Key), ("region_id", FieldKind::Id)];
        let rows = Restricted { sql: sql!("event_regions.sql"), keys };
        let pairs = columns(transaction, &rows, &kinds, names).await?;
        let (sets, labels) = self.sets(&positions, &pairs, names);
        self.set("regions", FieldKind::Set, &positions, sets, Some(labels));
        Ok(())
    }

    /// Sets the values of a column at these positions.
    fn set(
        &mut self,
        name: &'static str,
        kind: FieldKind,
        positions: &[u32],
        values: Vec<Option<i32>>,
        labels: Option<Arc<Vec<String>>>,
    ) {
        let column = self.columns.entry(name).or_insert_with(|| (Vec::new(), kind, None));
        column.2 = labels;
        if column.0.is_empty() {
            column.0 = values;
            return;
        }
        column.0.resize(self.count, None);
        for (position, value) in positions.iter().zip(values) {
            column.0[*position as usize] = value;
        }
    }

    /// The sources of all events.
    pub(super) fn sources(&self) -> impl Iterator<Item = String> {
        let names = self.columns.get("source").and_then(|(_, _, names)| names.as_ref());
        names.into_iter().flat_map(|names| names.iter().cloned())
    }

    /// Returns each event's set of regions, as codes joined by `+`. An event in two regions is one
    /// record with a set of two.
    fn sets(
        &self,
        positions: &[u32],
        pairs: &[Filling],
        names: &SharedNames,
    ) -> (Vec<Option<i32>>, Arc<Vec<String>>) {
        let mut of: Vec<(u32, i32)> = match pairs {
            [Filling::Key(events), Filling::Integer(found)] => {
                let pairs = events
                    .iter()
                    .zip(found)
                    .map(|(event, region)| (self.position(*event), region.unwrap_or(-1)));
                pairs.filter(|(event, _)| *event != NOWHERE).collect()
            }
            _ => Vec::new(),
        };
        of.sort_unstable();
        let known = self.columns.get("regions").and_then(|(_, _, names)| names.as_ref());
        let mut labels = known.map_or_else(Labels::default, |names| Labels::after(names));
        let nowhere = labels.position("unmapped");
        let mut known: HashMap<Vec<i32>, i32> = HashMap::new();
        let mut sets = vec![Some(nowhere); self.count];
        for group in of.chunk_by(|one, two| one.0 == two.0) {
            let ids: Vec<i32> = group.iter().map(|(_, region)| *region).collect();
            let position = *known.entry(ids).or_insert_with_key(|ids| {
                let mut codes: Vec<&str> = ids.iter().map(|id| names.region(*id)).collect();
                codes.sort_unstable();
                codes.dedup();
                labels.position(&codes.join("+"))
            });
            sets[group[0].0 as usize] = Some(position);
        }
        let sets = positions.iter().map(|position| sets[*position as usize]).collect();
        (sets, Arc::new(labels.names()))
    }

    /// Returns the positions of these events. New events are appended. Ids have few gaps, so a list
    /// by id is faster than a map.
    fn find_by(&mut self, ids: &[i64]) -> Vec<u32> {
        let largest = ids.iter().copied().max().unwrap_or(0).max(self.dense.len() as i64 - 1);
        let is_dense = self.positions.is_empty()
            && ids.iter().all(|id| *id >= 0)
            && (largest as usize) < (self.count + ids.len()) * 8 + 1_024;
        if is_dense {
            self.dense.resize(largest as usize + 1, NOWHERE);
        } else if !self.dense.is_empty() {
            let at_positions =
                self.dense.drain(..).zip(0..).filter(|(position, _)| *position != NOWHERE);
            self.positions = at_positions.map(|(position, id)| (id, position)).collect();
        }
        ids.iter()
            .map(|id| {
                let next = self.count as u32;
                let position = if is_dense {
                    &mut self.dense[*id as usize]
                } else {
                    self.positions.entry(*id).or_insert(NOWHERE)
                };
                if *position == NOWHERE {
                    *position = next;
                    self.count += 1;
                }
                *position
            })
            .collect()
    }

    /// Returns the position of an event's values.
    pub(super) fn position(&self, id: Option<i64>) -> u32 {
        let Some(id) = id else { return NOWHERE };
        if self.dense.is_empty() {
            return self.positions.get(&id).copied().unwrap_or(NOWHERE);
        }
        usize::try_from(id).ok().and_then(|id| self.dense.get(id)).copied().unwrap_or(NOWHERE)
    }

    /// A column.
    pub(super) fn column(&self, name: &str) -> Option<Lent<'_>> {
        self.columns.get(name).map(|(list, kind, names)| (list.as_slice(), *kind, names.clone()))
    }
}
