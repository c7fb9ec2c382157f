//! Builds the frame of a table from its columns and those of the facts' events.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use hotwash_schema::SchemaError;
use polars::prelude::{
    AnyValue, BooleanChunked, Column, DataFrame, Float64Type, Int8Type, Int32Type, Int64Type,
    NewChunkedArray,
};

use super::events::Events;
use super::names::SharedNames;
use super::read::Filling;
use super::series::{day_columns, series};
use super::tables::{FieldKind, RATING, SCALE, TableDefinition};

/// A table's columns. Labels are positions in lists of names.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The columns. Each column of days has a column of months.
    pub data: DataFrame,
    /// Names of the labels, by column.
    pub labels: BTreeMap<&'static str, Arc<Vec<String>>>,
}

impl Frame {
    /// Returns the sorted rows, with labels by name.
    pub(super) fn printed(&self) -> Vec<String> {
        let mut lines = vec![String::new(); self.data.height()];
        let mut columns: Vec<&Column> = self.data.columns().iter().collect();
        columns.sort_by_key(|column| column.name().as_str());
        for column in columns {
            let names = self.labels.get(column.name().as_str());
            for (line, value) in lines.iter_mut().zip(column.as_materialized_series().iter()) {
                let name = match value {
                    AnyValue::Int32(position) => {
                        names.and_then(|names| names.get(position as usize))
                    }
                    _ => None,
                };
                let written = match name {
                    Some(name) => write!(line, "{}={name:?} ", column.name()),
                    None => write!(line, "{}={value} ", column.name()),
                };
                written.unwrap_or_default();
            }
        }
        lines.sort_unstable();
        lines
    }
}

/// Builds a frame from filled columns and the columns of the facts' events.
pub(super) fn build(
    definition: &TableDefinition,
    filled: Vec<Filling>,
    events: &Events,
    names: &SharedNames,
) -> Result<Frame, SchemaError> {
    let internal =
        |error: polars::prelude::PolarsError| SchemaError::Database(format!("snapshot: {error}"));
    let mut series_list: Vec<Column> = Vec::new();
    let mut labels = BTreeMap::new();
    let mut counted: Option<Vec<bool>> = None;
    let mut scales: Vec<Option<i32>> = Vec::new();
    let of_event: Vec<u32> = definition
        .columns
        .iter()
        .zip(&filled)
        .find_map(|((name, _), column)| match column {
            Filling::Key(list) if *name == "event_id" && !definition.event.is_empty() => {
                Some(list.iter().map(|id| events.position(*id)).collect())
            }
            _ => None,
        })
        .unwrap_or_default();
    for ((name, kind), column) in definition.columns.iter().zip(filled) {
        match column {
            Filling::Key(list) => series_list.push(series::<Int64Type>(name, list.into_iter())),
            Filling::Integer(list) => match kind {
                FieldKind::Day => series_list.extend(day_columns(name, list.into_iter())),
                FieldKind::Capability => {
                    let (capabilities, frameworks) = names.of_capabilities(&list);
                    for (name, positions, names) in [
                        ("capability", capabilities, &names.capability),
                        ("framework", frameworks, &names.framework),
                    ] {
                        series_list.push(series::<Int32Type>(name, positions.into_iter()));
                        labels.insert(name, Arc::clone(names));
                    }
                }
                _ if *name == SCALE => scales = list,
                _ => series_list.push(series::<Int32Type>(name, list.into_iter())),
            },
            Filling::Flag(list) => series_list.push(series::<Int8Type>(name, list.into_iter())),
            Filling::Number(list) => {
                series_list.push(series::<Float64Type>(name, list.into_iter()))
            }
            Filling::Label(list, codes) if *name == RATING => {
                let (marks, counts) = names.marks(&scales, &list, &codes.names());
                series_list.extend(marks);
                counted = Some(counts).filter(|counts| counts.contains(&false));
            }
            Filling::Label(list, names) => {
                series_list.push(series::<Int32Type>(name, list.into_iter()));
                labels.insert(*name, Arc::new(names.names()));
            }
        }
    }
    series_list.extend(of_events(definition, &of_event, events, &mut labels));
    if let Some((list, _, _)) = definition.only.and_then(|only| events.column(only)) {
        let has = |position: &u32| list.get(*position as usize).copied().flatten() == Some(1);
        counted = Some(of_event.iter().map(has).collect());
    }
    let mut data = DataFrame::new_infer_height(series_list).map_err(internal)?;
    if let Some(counted) = counted {
        data = data
            .filter(&BooleanChunked::from_slice("counted".into(), &counted))
            .map_err(internal)?;
    }
    Ok(Frame { data, labels })
}

/// Returns the columns that facts take from the events at these positions.
fn of_events(
    definition: &TableDefinition,
    positions: &[u32],
    events: &Events,
    labels: &mut BTreeMap<&'static str, Arc<Vec<String>>>,
) -> Vec<Column> {
    let mut series_list = Vec::new();
    for name in definition.event {
        let Some((list, kind, known)) = events.column(name) else { continue };
        let taken =
            positions.iter().map(|position| list.get(*position as usize).copied().flatten());
        match kind {
            FieldKind::Flag => series_list
                .push(series::<Int8Type>(name, taken.map(|flag| flag.map(|flag| flag as i8)))),
            FieldKind::Day => series_list.extend(day_columns(name, taken)),
            FieldKind::Id => {
                series_list.push(series::<Int32Type>(name, taken.map(|id| Some(id.unwrap_or(-1)))))
            }
            _ => series_list.push(series::<Int32Type>(name, taken)),
        }
        labels.extend(known.map(|known| (*name, known)));
    }
    series_list
}

/// Returns a frame with the columns of the facts' events taken again.
pub(super) fn renewed(
    definition: &TableDefinition,
    frame: &Frame,
    events: &Events,
) -> Result<Frame, SchemaError> {
    let internal =
        |error: polars::prelude::PolarsError| SchemaError::Database(format!("snapshot: {error}"));
    let mut frame = frame.clone();
    let ids = frame.data.column("event_id").and_then(|column| column.i64()).map_err(internal)?;
    let positions: Vec<u32> = ids.iter().map(|id| events.position(id)).collect();
    for column in of_events(definition, &positions, events, &mut frame.labels) {
        frame.data.with_column(column).map_err(internal)?;
    }
    Ok(frame)
}
