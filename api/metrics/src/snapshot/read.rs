//! A query's rows into a Polars frame, column by column as they arrive.

use futures::TryStreamExt;
use hotwash_schema::SchemaError;
use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

/// Kind of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `bigint`.
    Key,
    /// `integer`.
    Id,
    /// `date`.
    Day,
    /// `double precision`.
    Number,
    /// `text` with few distinct values.
    Label,
}

enum Values {
    Key(Vec<Option<i64>>),
    Id(Vec<Option<i32>>),
    Day(Vec<Option<i32>>),
    Number(Vec<Option<f64>>),
    Label { codes: Vec<i32>, names: Vec<String> },
}

/// Runs the query and gathers its rows.
pub async fn frame(
    transaction: &Transaction<'_>,
    sql: &str,
    columns: &[(&str, Kind)],
) -> Result<DataFrame, SchemaError> {
    let mut values: Vec<Values> = columns
        .iter()
        .map(|(_, kind)| match kind {
            Kind::Key => Values::Key(Vec::new()),
            Kind::Id => Values::Id(Vec::new()),
            Kind::Day => Values::Day(Vec::new()),
            Kind::Number => Values::Number(Vec::new()),
            Kind::Label => Values::Label { codes: Vec::new(), names: Vec::new() },
        })
        .collect();
    let nothing: [&(dyn ToSql + Sync); 0] = [];
    let rows = transaction.query_raw(sql, nothing).await?;
    futures::pin_mut!(rows);
    let epoch = chrono::NaiveDate::default();
    while let Some(row) = rows.try_next().await? {
        for (index, column) in values.iter_mut().enumerate() {
            match column {
                Values::Key(list) => list.push(row.get(index)),
                Values::Id(list) => list.push(row.get(index)),
                Values::Number(list) => list.push(row.get(index)),
                Values::Day(list) => {
                    let day: Option<chrono::NaiveDate> = row.get(index);
                    list.push(day.map(|day| (day - epoch).num_days() as i32));
                }
                Values::Label { codes, names } => {
                    let name: &str = row.get(index);
                    let code = names.iter().position(|known| known == name).unwrap_or_else(|| {
                        names.push(name.to_owned());
                        names.len() - 1
                    });
                    codes.push(code as i32);
                }
            }
        }
    }
    let internal = |error: polars::prelude::PolarsError| SchemaError::Database(format!("snapshot: {error}"));
    let mut made: Vec<Column> = Vec::new();
    for ((name, _), column) in columns.iter().zip(values) {
        made.push(match column {
            Values::Key(list) => Series::new((*name).into(), list).into_column(),
            Values::Id(list) => Series::new((*name).into(), list).into_column(),
            Values::Number(list) => Series::new((*name).into(), list).into_column(),
            Values::Day(list) => {
                Series::new((*name).into(), list).cast(&DataType::Date).map_err(internal)?.into_column()
            }
            Values::Label { codes, names } => {
                // Few names and many rows: a categorical holds each name once.
                let list: Vec<&str> = codes.iter().map(|code| names[*code as usize].as_str()).collect();
                let categories = DataType::from_categories(polars::prelude::Categories::global());
                Series::new((*name).into(), list).cast(&categories).map_err(internal)?.into_column()
            }
        });
    }
    DataFrame::new_infer_height(made).map_err(internal)
}
