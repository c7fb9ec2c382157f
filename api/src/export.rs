//! Exports: every record type as CSV, JSON Lines, Parquet or Arrow, streamed in constant memory,
//! with GraphQL filters and the viewer's access rules. Metrics are exported in the same formats.

mod arrow;
mod columns;
mod format;
pub mod metric;
mod parquet;
mod write;

use bytes::Bytes;
use diesel::sql_query;
use diesel::sql_types::{Array, Text};
use diesel_async::{AsyncConnectionCore as _, SimpleAsyncConnection as _};
use format::broken_off;
pub use format::{ExportColumn, ExportError, Format};
use futures::StreamExt;
use hotwash_graphql::catalog::ENTITIES;
use hotwash_graphql::entity::{Entity, EntityField};
use hotwash_graphql::pool::Statement;
use hotwash_graphql::scalar::ScalarKind;
use hotwash_graphql::sql::{CopyStatement, Expression, Names, Order, Select};
use hotwash_graphql::{Builder, JsonError, ViewerScope, condition, read_json};
use hotwash_schema::copy::{self, Connection, RowFormat, RunStatement};
use hotwash_schema::pool;
use tokio::sync::mpsc;

/// An export, ready to run.
#[derive(Debug)]
pub struct Export {
    columns: Vec<ExportColumn>,
    select: Select,
}

/// Group keys exported as additional columns, since each record has exactly one value.
const KEYS: [&str; 3] = ["CAPABILITY", "HAZARD", "HAZARD_CATEGORY"];

/// Returns the names of all record types that can be exported.
pub fn names() -> Vec<&'static str> {
    ENTITIES.iter().filter(|entity| !entity.list.is_empty()).map(|entity| entity.list).collect()
}

/// Plans the export of a record type. A filter is a column's name and its required value, or
/// `filter` and a GraphQL filter as JSON.
///
/// # Errors
/// Fails for an unknown type or filter, or when the viewer may not read records.
pub fn plan(
    name: &str,
    filters: &[(String, String)],
    seen: &ViewerScope,
) -> Result<Export, ExportError> {
    let entity: &Entity = ENTITIES
        .iter()
        .find(|entity| !entity.list.is_empty() && entity.list == name)
        .ok_or_else(|| ExportError::Unknown { found: name.into(), known: names().join(", ") })?;
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let (mut columns, mut joins) = (Vec::new(), Vec::new());
    let mut select = Select::default();
    let mut names = Vec::new();
    let mut column = |name: &'static str, value: Expression, kind: ScalarKind| {
        columns.push(ExportColumn::new(name, kind));
        select.columns.push(match kind {
            ScalarKind::Texts => joined(value),
            kind => value.cast(cast(kind)),
        });
        names.push(name);
    };
    column("key", entity.key(&alias), ScalarKind::Long);
    let shown: Vec<&EntityField> =
        entity.fields.iter().filter(|field| field.within.is_none()).collect();
    for field in &shown {
        column(field.name, Expression::of(&field.formula, &alias), field.kind);
    }
    for key in entity.group_keys.iter().filter(|key| KEYS.contains(&key.name)) {
        for join in key.joins {
            if !joins.contains(join) {
                joins.push(*join);
            }
        }
        if shown.iter().all(|field| field.name != key.key) {
            column(key.key, Expression::of(&key.formula, &alias), key.kind);
        }
    }
    select.names = Names::Listed(names);
    select.conditions.extend(entity.always(&alias));
    let visible = seen.condition(entity, &alias).map_err(|_| ExportError::Forbidden)?;
    select.conditions.extend(visible);
    for (name, value) in filters {
        let filter = if name == "filter" {
            read_json(value.as_bytes()).map_err(|error| match error {
                JsonError::TooDeep(_) => ExportError::Filter(format!("filter: {error}")),
                JsonError::Malformed(_) => {
                    ExportError::Filter(format!("filter is not JSON: {error}"))
                }
            })?
        } else {
            equality(entity, name, value)?
        };
        let filter = async_graphql::Value::from_json(filter)
            .map_err(|error| ExportError::Filter(error.to_string()))?;
        let async_graphql::Value::Object(filter) = filter else {
            return Err(ExportError::Filter(
                "filter must be an object, as {\"region\": {\"eq\": \"3\"}}".into(),
            ));
        };
        let compared = condition(&mut builder, entity, &alias, &filter);
        select.conditions.push(compared.map_err(|error| ExportError::Filter(error.message))?);
    }
    select.order.push(Order { by: entity.key(&alias), direction: "asc" });
    Ok(Export { columns, select: entity.complete(&alias, &joins, select) })
}

/// Builds a filter that requires one value of a column.
fn equality(entity: &Entity, name: &str, value: &str) -> Result<serde_json::Value, ExportError> {
    let Some(field) = entity.fields.iter().find(|field| field.name == name) else {
        let known: Vec<&str> = entity.fields.iter().map(|field| field.name).collect();
        return Err(ExportError::Filter(format!(
            "{}: there is no column {name} to filter by; there are {}, and filter with a filter of \
             GraphQL as JSON",
            entity.list,
            known.join(", ")
        )));
    };
    Ok(serde_json::json!({ field.name: { "eq": value } }))
}

/// Joins the texts of a list, because not all formats have lists.
fn joined(list: Expression) -> Expression {
    Expression::Parts(vec![
        Expression::Sql("nullif(array_to_string("),
        list,
        Expression::Sql(", '; '), '')"),
    ])
}

fn cast(kind: ScalarKind) -> &'static str {
    match kind {
        ScalarKind::Int | ScalarKind::Long => "bigint",
        ScalarKind::Float => "double precision",
        other => other.sql(),
    }
}

/// Chunks of an export; a slow client slows down the database.
pub type Pieces = mpsc::Receiver<Result<Bytes, std::io::Error>>;

/// Runs an export.
///
/// # Errors
/// Fails when the database is unavailable or rejects the statement.
pub async fn run(url: &str, export: Export, format: Format) -> Result<Pieces, ExportError> {
    let Export { columns, select } = export;
    let set = "set default_transaction_read_only = on; set jit = off; set \
        standard_conforming_strings = on; set datestyle = iso";
    let (sender, receiver) = mpsc::channel(8);
    if matches!(format, Format::Parquet | Format::Arrow) {
        let diesel = |error: diesel::result::Error| ExportError::Database(error.into());
        let mut connection = pool::connection(url).await?;
        connection.batch_execute(set).await.map_err(diesel)?;
        let rows = connection.load(Statement::unprepared(&select)).await.map_err(diesel)?;
        tokio::spawn(async move {
            // Keep the connection until its rows are read.
            let _connection = connection;
            write::stream(format, columns, rows, sender).await;
        });
        return Ok(receiver);
    }
    let copy = CopyStatement::of(&select);
    let connection = Connection::open(url).await?;
    let database = |error: copy::Error| ExportError::Database(error.into());
    connection.run_batch(set).await.map_err(database)?;
    let values = sql_query(CopyStatement::SET).bind::<Array<Text>, _>(&copy.values);
    connection.execute(values).await.map_err(database)?;
    let rows = if format == Format::Csv { RowFormat::Csv } else { RowFormat::JsonLines };
    let mut stream = connection.copy_out(&copy, rows).await.map_err(database)?;
    tokio::spawn(async move {
        // Keep the connection until its rows are read.
        let _connection = connection;
        while let Some(piece) = stream.next().await {
            if sender.send(piece.map_err(broken_off)).await.is_err() {
                break;
            }
        }
    });
    Ok(receiver)
}
