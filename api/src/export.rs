//! Getting data out: every record type of the catalogue as CSV, JSON Lines or Parquet, streamed in constant memory with the
//! visibility of whoever asks.

mod parquet;

use bytes::Bytes;
use futures::StreamExt;
use hotwash_schema::connect::connect;
use tokio::sync::mpsc;

use crate::graphql::Seen;
use crate::graphql::catalogue::ENTITIES;
use crate::graphql::entity::{Entity, Kind};

/// Format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values with a heading.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// By the ending of a file's name.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Ending of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// Media type.
    pub fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// A column of an export.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name, as in GraphQL.
    pub name: &'static str,
    /// Expression.
    sql: String,
    /// Kind.
    pub kind: Kind,
}

/// Why nothing can be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No such record type.
    #[error("there is no record type {found}; there are {known}")]
    Unknown {
        /// What was asked.
        found: String,
        /// All of them.
        known: String,
    },
    /// A filter that cannot be.
    #[error("{0}")]
    Filter(String),
    /// Single records are not open to who asks.
    #[error("this key sees aggregates only, not records; ask for metrics")]
    Forbidden,
    /// The database.
    #[error("{0}")]
    Database(#[from] hotwash_schema::SchemaError),
}

/// Group keys that stand beside a record as columns of their own: one value a record.
const KEYS: [&str; 3] = ["CAPABILITY", "HAZARD", "HAZARD_CATEGORY"];

/// Names of all record types that can be exported.
pub fn names() -> Vec<&'static str> {
    ENTITIES.iter().filter(|entity| entity.connection && !entity.list.is_empty()).map(|entity| entity.list).collect()
}

/// The statement of an export: its columns and its SQL.
///
/// # Errors
/// An unknown type or filter; a viewer who sees no records.
pub fn plan(name: &str, filters: &[(String, String)], seen: &Seen) -> Result<(Vec<Column>, String), ExportError> {
    let entity: &Entity = ENTITIES
        .iter()
        .find(|entity| entity.connection && entity.list == name)
        .ok_or_else(|| ExportError::Unknown { found: name.into(), known: names().join(", ") })?;
    let alias = "t";
    let mut columns = vec![Column { name: "key", sql: entity.id.replace("{t}", alias), kind: Kind::Long }];
    let (mut joins, mut wheres) = (Vec::new(), vec![entity.only.replace("{t}", alias)]);
    for field in entity.fields.iter().filter(|field| field.within.is_none() && !field.sql.contains("json")) {
        columns.push(Column { name: field.name, sql: field.sql.replace("{t}", alias), kind: field.kind });
    }
    for key in entity.group_keys.iter().filter(|key| KEYS.contains(&key.name)) {
        let join = key.join.replace("{t}", alias);
        if !join.is_empty() && !joins.contains(&join) {
            joins.push(join);
        }
        if columns.iter().all(|column| column.name != key.key) {
            columns.push(Column { name: key.key, sql: key.sql.replace("{t}", alias), kind: key.kind });
        }
    }
    if let Some(visible) = seen.condition(entity, alias).map_err(|_| ExportError::Forbidden)? {
        wheres.push(visible);
    }
    for (name, value) in filters {
        let text = format!("'{}'", value.replace('\'', "''").replace('\0', ""));
        if let Some(field) = entity.fields.iter().find(|field| field.name == name) {
            let compared = format!("({})::text = {text}", field.sql.replace("{t}", alias));
            wheres.push(match field.within {
                Some(within) => within.replace("{t}", alias).replace("{condition}", &compared),
                None => compared,
            });
        } else {
            let known: Vec<&str> = entity.fields.iter().map(|field| field.name).collect();
            return Err(ExportError::Filter(format!(
                "{}: there is no column {name} to filter by; there are {}",
                entity.list,
                known.join(", ")
            )));
        }
    }
    let selected: Vec<String> = columns
        .iter()
        .map(|column| format!("({})::{} as \"{}\"", column.sql, cast(column.kind), column.name))
        .collect();
    let sql = format!(
        "select {} from {} {} where {} order by 1",
        selected.join(", "),
        entity.from.replace("{t}", alias),
        joins.join(" "),
        wheres.join(" and ")
    );
    Ok((columns, sql))
}

fn cast(kind: Kind) -> &'static str {
    match kind {
        Kind::Int | Kind::Long => "bigint",
        Kind::Float => "double precision",
        other => other.sql(),
    }
}

/// Pieces of an export as they come; a slow taker slows the database.
pub type Pieces = mpsc::Receiver<Result<Bytes, std::io::Error>>;

/// Runs an export.
///
/// # Errors
/// When the database cannot be reached or refuses the statement.
pub async fn run(url: &str, columns: Vec<Column>, sql: String, format: Format) -> Result<Pieces, ExportError> {
    let client = connect(url).await?;
    let database = |error: tokio_postgres::Error| ExportError::Database(error.into());
    client.batch_execute("set default_transaction_read_only = on; set jit = off").await.map_err(database)?;
    let (sender, receiver) = mpsc::channel(8);
    if format == Format::Parquet {
        let rows = client.query_raw(&sql, std::iter::empty::<i32>()).await.map_err(database)?;
        tokio::spawn(async move {
            // The client lives as long as its rows are read.
            let _client = client;
            parquet::write(columns, rows, sender).await;
        });
        return Ok(receiver);
    }
    let copy = match format {
        Format::Csv => format!("copy ({sql}) to stdout with (format csv, header true)"),
        // A delimiter and a quotation mark that no JSON holds: lines come out as they are.
        _ => format!(
            "copy (select row_to_json(r) from ({sql}) r) to stdout with (format csv, quote E'\\x01', delimiter E'\\x02')"
        ),
    };
    let mut stream = Box::pin(client.copy_out(&copy).await.map_err(database)?);
    tokio::spawn(async move {
        let _client = client;
        while let Some(piece) = stream.next().await {
            if sender.send(piece.map_err(std::io::Error::other)).await.is_err() {
                break;
            }
        }
    });
    Ok(receiver)
}
