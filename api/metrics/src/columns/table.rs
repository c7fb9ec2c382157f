//! Columns of one entity in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{Connection, OpenTransaction, RunStatement};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, Float64Type, Int32Type, Int64Type, IntoColumn, IntoSeries,
    NewChunkedArray,
};

use crate::snapshot::generation;
use crate::snapshot::names::SharedNames;
use crate::snapshot::read::{Filling, columns};
use crate::snapshot::series::series;
use crate::snapshot::tables::FieldKind;

/// Maximum number of distinct texts in a column.
pub(super) const MOST_TEXTS: usize = 100_000;

/// Type of a column; the SQL casts to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `bigint`.
    Long,
    /// `integer`.
    Int,
    /// `double precision`.
    Float,
    /// `boolean`.
    Boolean,
    /// `date`.
    Date,
    /// `text` with few distinct values.
    Text,
}

impl ValueKind {
    fn read(self) -> FieldKind {
        match self {
            Self::Long => FieldKind::Key,
            Self::Int => FieldKind::Id,
            Self::Float => FieldKind::Number,
            Self::Boolean => FieldKind::Flag,
            Self::Date => FieldKind::Day,
            Self::Text => FieldKind::Label,
        }
    }

    /// Returns the bytes that one value takes in memory.
    pub fn bytes(self) -> usize {
        match self {
            Self::Long | Self::Float => 8,
            Self::Boolean => 1,
            Self::Int | Self::Date | Self::Text => 4,
        }
    }
}

/// Columns by name, with the same rows, read at one moment of the warehouse.
pub struct ColumnTable {
    /// Sum of the versions of the warehouse's tables at that moment, as
    /// [`crate::Snapshot::generation`].
    pub generation: i64,
    pub(super) data: DataFrame,
    /// Texts of a column in the sort order of the database. Values of the column are positions in
    /// this list.
    pub(super) texts: BTreeMap<String, Arc<Vec<String>>>,
}

impl ColumnTable {
    /// Reads the columns of a SQL query at one moment. It takes no parameters; `settings` are a
    /// command that binds values into settings of the connection, and those values.
    ///
    /// # Errors
    /// If the database rejects the query, or a text column has more than 100,000 distinct values.
    pub async fn read(
        url: &str,
        settings: (&str, &[String]),
        statement: &(impl QueryFragment<Pg> + Sync),
        wanted: &[(String, ValueKind)],
    ) -> Result<Self, SchemaError> {
        let mut connection = Connection::open(url).await?;
        let transaction = connection.begin_snapshot().await?;
        transaction.run_batch("set local jit = off; set local statement_timeout = 0").await?;
        let set = sql_query(settings.0).bind::<Array<Text>, _>(settings.1);
        transaction.execute(set).await?;
        let generation = generation(&transaction).await?;
        let kinds: Vec<(&'static str, FieldKind)> =
            wanted.iter().map(|(_, kind)| ("", kind.read())).collect();
        let filled = columns(&transaction, statement, &kinds, &SharedNames::default()).await?;
        let (mut columns_read, mut texts) = (Vec::new(), BTreeMap::new());
        for ((name, _), filled) in wanted.iter().zip(filled) {
            columns_read.push(match filled {
                Filling::Key(list) => series::<Int64Type>(name, list.into_iter()),
                Filling::Integer(list) => series::<Int32Type>(name, list.into_iter()),
                Filling::Number(list) => series::<Float64Type>(name, list.into_iter()),
                Filling::Flag(list) => flags(name, &list),
                Filling::Label(list, labels) => {
                    let (positions, sorted) = sorted(&transaction, labels.names()).await?;
                    texts.insert(name.clone(), Arc::new(sorted));
                    let at_positions = |position: Option<i32>| {
                        position.and_then(|position| positions.get(position as usize)).copied()
                    };
                    series::<Int32Type>(name, list.into_iter().map(at_positions))
                }
            });
        }
        let data = DataFrame::new_infer_height(columns_read)
            .map_err(|error| SchemaError::Database(format!("columns: {error}")))?;
        Ok(Self { generation, data, texts })
    }

    /// Returns true if the table has this column.
    pub fn has(&self, name: &str) -> bool {
        self.data.column(name).is_ok()
    }

    /// Returns the names of all columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.data.columns().iter().map(|column| column.name().as_str())
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.data.height()
    }

    /// Returns the bytes that all columns take in memory.
    pub fn bytes(&self) -> usize {
        let texts = self
            .texts
            .values()
            .flat_map(|texts| texts.iter())
            .map(|text| text.len() + size_of::<String>());
        self.data.estimated_size() + texts.sum::<usize>()
    }
}

pub(super) fn flags(name: &str, list: &[Option<i8>]) -> Column {
    let flags = list.iter().map(|flag| flag.map(|flag| flag != 0));
    BooleanChunked::from_iter_options(name.into(), flags).into_series().into_column()
}

/// Sorts the texts in the order of the database. Returns the new position of each text, and the
/// sorted texts.
pub(super) async fn sorted(
    transaction: &OpenTransaction<'_>,
    names: Vec<String>,
) -> Result<(Vec<i32>, Vec<String>), SchemaError> {
    if names.len() > MOST_TEXTS {
        return Err(SchemaError::Database(format!("columns: {} different texts", names.len())));
    }
    let sql = "select place::int from unnest($1::text[]) with ordinality as n (name, place) order \
        by name, place";
    let old_positions: Vec<i32> =
        transaction.rows::<Integer, _>(sql_query(sql).bind::<Array<Text>, _>(&names)).await?;
    let mut positions = vec![0; names.len()];
    let mut sorted = Vec::with_capacity(names.len());
    for (at, old) in old_positions.into_iter().enumerate() {
        let old = old as usize - 1;
        if let (Some(position), Some(name)) = (positions.get_mut(old), names.get(old)) {
            *position = at as i32;
            sorted.push(name.clone());
        }
    }
    Ok((positions, sorted))
}
