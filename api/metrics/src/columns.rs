//! Columns of a statement's rows, read once and counted by tests, groups and sums: what Postgres
//! would answer by reading every row again.

mod count;

use std::collections::BTreeMap;
use std::sync::Arc;

use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;
use polars::prelude::{
    BooleanChunked, Column, DataFrame, Float64Type, Int32Type, Int64Type, IntoColumn, IntoSeries,
    NewChunkedArray,
};
use tokio_postgres::{IsolationLevel, Transaction};

pub use count::{
    ColumnValues, CountedGroups, Counting, Function, Operand, Operator, OutputColumn, Test,
};

use crate::snapshot::names::SharedNames;
use crate::snapshot::read::{Filling, columns, series};
use crate::snapshot::tables::FieldKind;

/// Most different texts of a column.
const MOST_TEXTS: usize = 100_000;

/// Kind of a column; the statement casts to it.
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
    /// `text` with few different values.
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

    /// Bytes of a value while it is held.
    pub fn bytes(self) -> usize {
        match self {
            Self::Long | Self::Float => 8,
            Self::Boolean => 1,
            Self::Int | Self::Date | Self::Text => 4,
        }
    }
}

/// Columns by name, all of the same rows at one moment of the warehouse.
pub struct ColumnTable {
    /// Sum of the versions of the warehouse's tables at that moment, as
    /// [`crate::Snapshot::generation`].
    pub generation: i64,
    data: DataFrame,
    /// Texts of a column in the order of the database; its values are places among them.
    texts: BTreeMap<String, Arc<Vec<String>>>,
}

impl ColumnTable {
    /// Reads a statement whose columns are these, at one moment.
    ///
    /// # Errors
    /// Fails when the database refuses it, or a text has more than 100,000 different values.
    pub async fn read(
        url: &str,
        statement: &str,
        wanted: &[(String, ValueKind)],
    ) -> Result<Self, SchemaError> {
        let mut client = connect(url).await?;
        let transaction = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .await?;
        transaction.batch_execute("set local jit = off; set local statement_timeout = 0").await?;
        let generation = transaction
            .query_one("select coalesce(sum(version), 0)::bigint from meta.table_version", &[]);
        let generation = generation.await?.get(0);
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

    /// Returns whether a column is among them.
    pub fn has(&self, name: &str) -> bool {
        self.data.column(name).is_ok()
    }

    /// Names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.data.columns().iter().map(|column| column.name().as_str())
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.data.height()
    }

    /// Bytes that they hold.
    pub fn bytes(&self) -> usize {
        let texts = self
            .texts
            .values()
            .flat_map(|texts| texts.iter())
            .map(|text| text.len() + size_of::<String>());
        self.data.estimated_size() + texts.sum::<usize>()
    }
}

fn flags(name: &str, list: &[Option<i8>]) -> Column {
    let flags = list.iter().map(|flag| flag.map(|flag| flag != 0));
    BooleanChunked::from_iter_options(name.into(), flags).into_series().into_column()
}

/// The place of each text in the order of the database, and the texts in it.
async fn sorted(
    transaction: &Transaction<'_>,
    names: Vec<String>,
) -> Result<(Vec<i32>, Vec<String>), SchemaError> {
    if names.len() > MOST_TEXTS {
        return Err(SchemaError::Database(format!("columns: {} different texts", names.len())));
    }
    let sql = "select place::int from unnest($1::text[]) with ordinality as n (name, place) order \
        by name, place";
    let rows = transaction.query(sql, &[&names]).await?;
    let mut positions = vec![0; names.len()];
    let mut sorted = Vec::with_capacity(names.len());
    for (at, row) in rows.iter().enumerate() {
        let old = row.get::<_, i32>(0) as usize - 1;
        if let (Some(position), Some(name)) = (positions.get_mut(old), names.get(old)) {
            *position = at as i32;
            sorted.push(name.clone());
        }
    }
    Ok((positions, sorted))
}
