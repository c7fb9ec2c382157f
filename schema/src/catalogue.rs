//! What BI tools find in the schema `bi`, read from the database's own comments and keys, so that there is one catalogue
//! and every model file is generated from it.

mod cube;
mod dbt;
mod dictionary;
mod superset;

use serde::Serialize;

use crate::connect::connect;
use crate::error::SchemaError;

pub use cube::cube;
pub use dbt::dbt;
pub use dictionary::{csv, markdown};
pub use superset::superset;

/// A view or table of the star schema.
#[derive(Clone, Debug, Serialize)]
pub struct Relation {
    /// Its name in the schema `bi`.
    pub name: String,
    /// What it is, with its grain.
    pub comment: String,
    /// Its columns in order.
    pub columns: Vec<Column>,
}

/// A column of the star schema.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its Postgres type.
    pub data_type: String,
    /// What it means, with its unit.
    pub comment: String,
}

impl Relation {
    /// The columns by which it joins a dimension, with the dimension and its key.
    pub fn joins(&self) -> Vec<(&Column, &'static str, &'static str)> {
        let own = self.own_key();
        self.columns
            .iter()
            .filter(|column| Some(column.name.as_str()) != own)
            .filter_map(|column| dimension_of(&column.name).map(|(dimension, key)| (column, dimension, key)))
            .collect()
    }

    /// The key of one row, where one column is it.
    pub fn own_key(&self) -> Option<&str> {
        if let Some(dimension) = self.name.strip_prefix("dim_") {
            let key = if dimension == "date" { "date_key".to_owned() } else { format!("{dimension}_id") };
            return self.columns.iter().find(|column| column.name == key).map(|column| column.name.as_str());
        }
        let fact = self.name.strip_prefix("fact_")?;
        let key = if matches!(fact, "incident" | "exercise") { "event_id".to_owned() } else { format!("{fact}_id") };
        self.columns.iter().find(|column| column.name == key).map(|column| column.name.as_str())
    }
}

impl Column {
    /// Whether sums of it mean something over any grouping: its comment promises so.
    pub fn sums(&self) -> bool {
        self.comment.ends_with("to sum.")
            || self.comment.contains("US dollars")
            || self.name.starts_with("quantity_")
            || matches!(self.name.as_str(), "deaths" | "injuries" | "evacuated" | "patients")
    }
}

/// The dimension a key column leads to, and the dimension's own key.
fn dimension_of(column: &str) -> Option<(&'static str, &'static str)> {
    match column {
        "region_id" => Some(("dim_region", "region_id")),
        "hazard_id" => Some(("dim_hazard", "hazard_id")),
        "capability_id" => Some(("dim_capability", "capability_id")),
        "organization_id" => Some(("dim_organization", "organization_id")),
        "event_id" => Some(("dim_event", "event_id")),
        _ if column.ends_with("date_key") => Some(("dim_date", "date_key")),
        _ => None,
    }
}

/// Everything in the schema `bi`: dimensions, the bridge, facts, metrics.
pub async fn read(url: &str) -> Result<Vec<Relation>, SchemaError> {
    let client = connect(url).await?;
    let rows = client
        .query(
            "select c.relname::text, coalesce(obj_description(c.oid), ''), a.attname::text, format_type(a.atttypid, a.atttypmod), \
                    coalesce(col_description(c.oid, a.attnum), '') \
             from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid \
             where n.nspname = 'bi' and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped \
             order by array_position(array['dim', 'bridge', 'fact', 'metric'], split_part(c.relname, '_', 1)), c.relname, a.attnum",
            &[],
        )
        .await?;
    let mut relations: Vec<Relation> = Vec::new();
    for row in rows {
        let name: String = row.get(0);
        if relations.last().is_none_or(|last| last.name != name) {
            relations.push(Relation { name, comment: row.get(1), columns: Vec::new() });
        }
        if let Some(last) = relations.last_mut() {
            last.columns.push(Column { name: row.get(2), data_type: row.get(3), comment: row.get(4) });
        }
    }
    Ok(relations)
}

/// A text as a double-quoted YAML scalar: JSON's quoting is YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
