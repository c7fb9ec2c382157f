//! Partitions a table's rows by year and region, with a hash of each partition's content.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::{
    Column, DataFrame, DataType, IdxCa, Int32Chunked, PolarsResult, SortMultipleOptions,
    StringChunked,
};
use polars::prelude::{IntoColumn, IntoSeries, NewChunkedArray};

use crate::snapshot::{FieldKind, Frame, TableDefinition, month_column};

/// Columns by which tables are partitioned; the first that a table has is used.
const DAYS: [&str; 4] = ["local_date", "opened_on", "changed_on", "assessed_on"];

/// Path segment for an unknown year; other engines read it as missing.
const NONE: &str = "__HIVE_DEFAULT_PARTITION__";

/// Returns the date column by which a table is partitioned.
pub(crate) fn partition_day(definition: &TableDefinition) -> Option<&'static str> {
    DAYS.into_iter().find(|day| definition.kind(day) == Some(FieldKind::Day))
}

/// Rows of one year and one label of regions.
pub struct Partition {
    /// Folder below the export folder, with a slash at its end.
    pub folder: String,
    /// Year.
    pub year: Option<i64>,
    /// Label of regions.
    pub region: Option<String>,
    rows: DataFrame,
    labels: BTreeMap<&'static str, Arc<Vec<String>>>,
}

/// Returns the partitions of a table, each sorted by its key.
pub fn partitions(
    definition: &TableDefinition,
    frame: &Frame,
) -> PolarsResult<impl Iterator<Item = PolarsResult<Partition>>> {
    let day = partition_day(definition);
    let regions = frame.labels.get("regions").filter(|_| day.is_some());
    let column = |name: &str| -> PolarsResult<Vec<Option<i32>>> {
        let column = frame.data.column(name)?.cast(&DataType::Int32)?;
        Ok(column.i32()?.iter().collect())
    };
    let height = frame.data.height();
    let months = day
        .map(|day| column(&month_column(day)))
        .transpose()?
        .unwrap_or_else(|| vec![None; height]);
    let codes =
        regions.map(|_| column("regions")).transpose()?.unwrap_or_else(|| vec![None; height]);
    let mut positions: BTreeMap<(Option<i32>, Option<i32>), Vec<u32>> = BTreeMap::new();
    for (row, (month, code)) in months.into_iter().zip(codes).enumerate() {
        let year = month.map(|month| month.div_euclid(12));
        positions.entry((year, code)).or_default().push(row as u32);
    }
    let sorted: BTreeMap<&str, _> =
        frame.labels.iter().map(|(name, names)| (*name, ranked(names))).collect();
    let (name, key) = (definition.name, definition.columns.first().map_or("", |(name, _)| name));
    Ok(positions.into_iter().map(move |((year, code), rows)| {
        let region = code.and_then(|code| regions?.get(code as usize)).cloned();
        let mut folder = format!("{name}/");
        if day.is_some() {
            folder +=
                &format!("year={}/", year.map_or(NONE.to_owned(), |year| format!("{year:04}")));
        }
        if regions.is_some() {
            folder += &format!("region={}/", region.as_deref().map_or(NONE.to_owned(), plain));
        }
        let mut rows = frame.data.take(&IdxCa::from_vec("row".into(), rows))?;
        for (name, (_, ranks)) in &sorted {
            let codes = rows.column(name)?.i32()?.iter();
            let ranked = codes
                .map(|code| code.map(|code| ranks.get(code as usize).copied().unwrap_or(code)));
            let ranked = Int32Chunked::from_iter_options((*name).into(), ranked);
            rows.with_column(ranked.into_series().into_column())?;
        }
        let rows = in_order(rows, key)?;
        let labels = sorted.iter().map(|(name, (names, _))| (*name, Arc::clone(names))).collect();
        Ok(Partition { folder, year: year.map(i64::from), region, rows, labels })
    }))
}

/// Returns the names sorted, and the new index of each name by its old index.
fn ranked(names: &[String]) -> (Arc<Vec<String>>, Vec<i32>) {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_unstable_by_key(|position| &names[*position]);
    let mut ranks = vec![0; names.len()];
    for (rank, position) in order.iter().enumerate() {
        ranks[*position] = rank as i32;
    }
    (Arc::new(order.into_iter().map(|position| names[position].clone()).collect()), ranks)
}

/// Sorts rows by their key and then by all columns, so that equal rows always have the same order.
fn in_order(rows: DataFrame, key: &str) -> PolarsResult<DataFrame> {
    let rows = rows.sort([key], SortMultipleOptions::default())?;
    let keys = rows.column(key)?.i64()?;
    let several = keys.iter().zip(keys.iter().skip(1)).any(|(one, next)| one == next);
    if !several {
        return Ok(rows);
    }
    let mut names = vec![key.to_owned()];
    names.extend(
        rows.columns().iter().map(|column| column.name().to_string()).filter(|name| name != key),
    );
    rows.sort(names, SortMultipleOptions::default())
}

/// Returns a label that is valid in a path. Labels with the same result share a folder; their file
/// names differ.
fn plain(label: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "+-._".contains(letter);
    label.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect()
}

impl Partition {
    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows.height()
    }

    /// Returns a hash of the column names, types and values, with labels by name. It is the same in
    /// every process.
    pub fn hash(&self) -> PolarsResult<String> {
        let mut hasher = blake3::Hasher::new();
        let mut bytes: Vec<u8> = Vec::with_capacity(self.rows.height() * 9);
        for column in self.rows.columns() {
            bytes.clear();
            let name = column.name().as_str();
            hasher.update(format!("{name} {:?} {};", column.dtype(), column.len()).as_bytes());
            match (self.labels.get(name), column.dtype()) {
                (Some(names), _) => {
                    let hashes: Vec<[u8; 32]> = names
                        .iter()
                        .map(|name| *blake3::hash(name.as_bytes()).as_bytes())
                        .collect();
                    let hash = |code: i32| {
                        hashes
                            .get(code as usize)
                            .map_or([0; 16], |hash| std::array::from_fn(|at| hash[at]))
                    };
                    put(&mut bytes, column.i32()?.iter(), hash);
                }
                (None, DataType::Int8) => put(&mut bytes, column.i8()?.iter(), i8::to_le_bytes),
                (None, DataType::Int32) => put(&mut bytes, column.i32()?.iter(), i32::to_le_bytes),
                (None, DataType::Float64) => {
                    put(&mut bytes, column.f64()?.iter(), f64::to_le_bytes)
                }
                _ => {
                    put(&mut bytes, column.cast(&DataType::Int64)?.i64()?.iter(), i64::to_le_bytes)
                }
            }
            hasher.update(&bytes);
        }
        Ok(hasher.finalize().to_hex()[..16].to_owned())
    }

    /// Returns the rows, with labels as strings.
    pub fn data(&self) -> PolarsResult<DataFrame> {
        let mut data = self.rows.clone();
        for (name, names) in &self.labels {
            let Ok(column) = self.rows.column(name) else { continue };
            let named = column
                .i32()?
                .iter()
                .map(|code| code.and_then(|code| names.get(code as usize)).map(String::as_str));
            let strings: Column =
                StringChunked::from_iter_options((*name).into(), named).into_series().into_column();
            data.with_column(strings)?;
        }
        Ok(data)
    }
}

/// Adds values as bytes to the hash, each after a byte for whether it is present.
fn put<T, const N: usize>(
    bytes: &mut Vec<u8>,
    values: impl Iterator<Item = Option<T>>,
    turn: impl Fn(T) -> [u8; N],
) {
    for value in values {
        match value {
            Some(value) => {
                bytes.push(1);
                bytes.extend_from_slice(&turn(value));
            }
            None => bytes.push(0),
        }
    }
}
