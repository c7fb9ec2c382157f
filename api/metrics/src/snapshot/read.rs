//! Reads SQL results into columns by binary COPY, without allocating a string per row.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hotwash_schema::SchemaError;
use hotwash_schema::copy::OpenTransaction;
use polars::prelude::{BooleanChunked, ChunkedBuilder, NewChunkedArray};
use polars::prelude::{
    Column, DataFrame, Float64Type, Int8Type, Int32Type, Int64Type, IntoColumn, IntoSeries,
    PolarsNumericType, PrimitiveChunkedBuilder,
};

use super::events::Events;
use super::names::SharedNames;
use super::tables::{FieldKind, RATING, TableDefinition};

/// A table's columns. Labels are positions in lists of names.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The columns. Each column of days has a column of months.
    pub data: DataFrame,
    /// Names of the labels, by column.
    pub labels: BTreeMap<&'static str, Arc<Vec<String>>>,
}

/// Column of a day's month, counted from the year 0.
pub fn month_column(day: &str) -> String {
    format!("{day}~month")
}

/// Month of a day since 1970, counted from the year 0 (civil calendar; Hinnant, "chrono-compatible
/// date algorithms").
pub(super) fn month_of(day: i32) -> i32 {
    let days = day + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let position = (5 * of_year + 2) / 153;
    let month = if position < 10 { position + 3 } else { position - 9 };
    (year + era * 400 + i32::from(month <= 2)) * 12 + month - 1
}

/// Builds a list of distinct labels.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    names: Vec<String>,
    positions: HashMap<String, i32>,
    last: i32,
}

impl Labels {
    /// Returns the position of a name, which is added if it is new.
    pub fn position(&mut self, name: &str) -> i32 {
        if self.names.get(self.last as usize).is_some_and(|last| last == name) {
            return self.last;
        }
        self.last = match self.positions.get(name) {
            Some(position) => *position,
            None => {
                let position = self.names.len() as i32;
                self.names.push(name.to_owned());
                self.positions.insert(name.to_owned(), position);
                position
            }
        };
        self.last
    }

    /// Continues from an earlier list of names.
    pub fn after(names: &[String]) -> Self {
        let positions = names.iter().cloned().zip(0..).collect();
        Self { names: names.to_vec(), positions, last: 0 }
    }

    /// The names so far.
    pub fn known(&self) -> &[String] {
        &self.names
    }

    /// The names.
    pub fn names(self) -> Vec<String> {
        self.names
    }
}

/// A column builder.
pub(crate) enum Filling {
    Key(Vec<Option<i64>>),
    Integer(Vec<Option<i32>>),
    Flag(Vec<Option<i8>>),
    Number(Vec<Option<f64>>),
    Label(Vec<Option<i32>>, Labels),
}

impl Filling {
    fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Key => Self::Key(Vec::new()),
            FieldKind::Id | FieldKind::Day | FieldKind::Capability => Self::Integer(Vec::new()),
            FieldKind::Flag => Self::Flag(Vec::new()),
            FieldKind::Number => Self::Number(Vec::new()),
            FieldKind::Label | FieldKind::Set | FieldKind::Region => {
                Self::Label(Vec::new(), Labels::default())
            }
        }
    }

    /// Returns a builder that continues from an earlier list of labels.
    pub fn after(kind: FieldKind, names: Option<&Arc<Vec<String>>>) -> Self {
        match names {
            Some(names) => Self::Label(Vec::new(), Labels::after(names)),
            None => Self::of(kind),
        }
    }

    fn push(
        &mut self,
        kind: FieldKind,
        field: Option<&[u8]>,
        names: &SharedNames,
    ) -> Result<(), SchemaError> {
        let wrong = || {
            SchemaError::Database(format!(
                "snapshot: a {kind:?} came with {:?} bytes",
                field.map(<[u8]>::len)
            ))
        };
        let fixed =
            |bytes: &[u8]| <[u8; 4]>::try_from(bytes).map(i32::from_be_bytes).map_err(|_| wrong());
        let wide = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).map_err(|_| wrong());
        match self {
            Self::Key(list) => list.push(field.map(wide).transpose()?.map(i64::from_be_bytes)),
            Self::Number(list) => list.push(field.map(wide).transpose()?.map(f64::from_be_bytes)),
            // Postgres counts days from 2000.
            Self::Integer(list) if kind == FieldKind::Day => {
                list.push(field.map(fixed).transpose()?.map(|days| days + 10_957))
            }
            Self::Integer(list) => list.push(field.map(fixed).transpose()?),
            Self::Flag(list) => {
                list.push(field.and_then(|bytes| bytes.first()).map(|byte| *byte as i8))
            }
            Self::Label(list, labels) if kind == FieldKind::Region => {
                let id = field.map(fixed).transpose()?.unwrap_or(-1);
                list.push(Some(labels.position(names.region(id))));
            }
            Self::Label(list, labels) => {
                let name = field.map(std::str::from_utf8).transpose().map_err(|_| wrong())?;
                list.push(name.map(|name| labels.position(name)));
            }
        }
        Ok(())
    }
}

/// Runs a query and returns its columns.
pub(crate) async fn columns(
    transaction: &OpenTransaction<'_>,
    sql: &str,
    kinds: &[(&'static str, FieldKind)],
    names: &SharedNames,
) -> Result<Vec<Filling>, SchemaError> {
    fill(transaction, sql, kinds, names, kinds.iter().map(|(_, kind)| Filling::of(*kind)).collect())
        .await
}

/// Runs the query and appends its rows to the column builders.
pub(super) async fn fill(
    transaction: &OpenTransaction<'_>,
    sql: &str,
    kinds: &[(&'static str, FieldKind)],
    names: &SharedNames,
    mut filling: Vec<Filling>,
) -> Result<Vec<Filling>, SchemaError> {
    transaction
        .copy_rows(sql, kinds.len(), |column, field| {
            match (filling.get_mut(column), kinds.get(column)) {
                (Some(filling), Some((_, kind))) => filling.push(*kind, field, names),
                _ => Ok(()),
            }
        })
        .await?;
    Ok(filling)
}

/// Builds a frame from filled columns and the columns of the facts' events.
pub(super) fn frame(
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
                _ if *name == "scale" => scales = list,
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

/// Returns a column of days and its column of months.
pub(super) fn day_columns(
    name: &str,
    days: impl ExactSizeIterator<Item = Option<i32>> + Clone,
) -> [Column; 2] {
    let months = days.clone().map(|day| day.map(month_of));
    [series::<Int32Type>(&month_column(name), months), series::<Int32Type>(name, days)]
}

pub(crate) fn series<T: PolarsNumericType>(
    name: &str,
    values: impl ExactSizeIterator<Item = Option<T::Native>>,
) -> Column
where
    polars::prelude::ChunkedArray<T>: IntoSeries,
{
    let mut builder = PrimitiveChunkedBuilder::<T>::new(name.into(), values.len());
    for value in values {
        builder.append_option(value);
    }
    builder.finish().into_series().into_column()
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::month_of;

    #[test]
    fn months_are_those_of_the_calendar() {
        for day in (-40_000..80_000).step_by(13) {
            let date = NaiveDate::default() + chrono::Duration::days(i64::from(day));
            assert_eq!(month_of(day), date.year() * 12 + date.month0() as i32, "{date}");
        }
    }
}
