//! The tidy view of each metric in the schema `bi`, generated from its definition.

use diesel::sql_types::{Jsonb, Text};
use diesel::{select, sql_query};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{Connection, RunStatement};
use hotwash_schema::functions::lock_transaction;
use serde_json::{Value, json};

use crate::definition::{ExtraKind, MetricDefinition};
use crate::metric::registry;
use crate::query::Dimension;

/// Advisory lock that lets one process at a time create a view.
const LOCK: i64 = 7749;

/// Creates or updates the view of every metric in the registry. A current view is not touched, so
/// that readers never wait.
pub async fn show_metrics(url: &str) -> Result<(), SchemaError> {
    show(&mut Connection::open(url).await?).await
}

/// Does the same over an open connection.
pub(crate) async fn show(connection: &mut Connection) -> Result<(), SchemaError> {
    for metric in registry() {
        let definition = metric.definition();
        let transaction = connection.begin().await?;
        // Two publications at once would create the same view.
        transaction.execute(select(lock_transaction(LOCK))).await?;
        let meaning = meaning(definition);
        let shown = sql_query("select bi.show_metric($1, $2, $3)")
            .bind::<Text, _>(definition.id)
            .bind::<Text, _>(meaning)
            .bind::<Jsonb, _>(adds(definition));
        transaction.execute(shown).await?;
        transaction.commit().await?;
    }
    Ok(())
}

fn meaning(definition: &MetricDefinition) -> String {
    format!(
        "{}: {} One row per period and group; filter one grain. {}",
        definition.title, definition.question, definition.formula
    )
}

/// Returns the columns that only this metric has: group keys without a dimension table, then its
/// extras.
fn adds(definition: &MetricDefinition) -> Value {
    let keys = definition.default_group_by.iter().map(|dimension| {
        let (name, meaning) = match dimension {
            Dimension::Region | Dimension::Hazard | Dimension::Capability => {
                (format!("{dimension}_code"), format!("Code of the {dimension}, as the API's \
                    filters take it."))
            }
            Dimension::Organization => ("organization_id".to_owned(), "Joins dim_organization.".to_owned()),
            other => (other.to_string(), format!("Group: {}.", other.to_string().replace('_', " "))),
        };
        let kind = if *dimension == Dimension::Organization { "bigint" } else { "text" };
        json!({"name": name, "from": "dimensions", "key": dimension.key(), "type": kind, "meaning": meaning})
    });
    let extras = definition.extras.iter().filter(|extra| !definition.single_records.contains(&extra.name)).map(|extra| {
        let kind = match extra.kind {
            ExtraKind::Integer => "integer",
            ExtraKind::Long | ExtraKind::Record(_) => "bigint",
            ExtraKind::Number => "double precision",
            ExtraKind::Text | ExtraKind::Code(_) | ExtraKind::Parameter => "text",
            ExtraKind::Flag => "boolean",
            ExtraKind::Day => "date",
            ExtraKind::Moment => "timestamptz",
            ExtraKind::Texts | ExtraKind::List(_) => "jsonb",
        };
        json!({"name": column(extra.name), "from": "extra", "key": extra.name, "type": kind, "meaning": extra.description()})
    });
    keys.chain(extras).collect()
}

/// Converts a camel-case name to a column name: `daysOver180` becomes `days_over_180`.
fn column(name: &str) -> String {
    let mut column = String::new();
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_ascii_uppercase() || (letter.is_ascii_digit() && !before.is_ascii_digit()) {
            column.push('_');
        }
        column.push(letter.to_ascii_lowercase());
        before = letter;
    }
    column
}

#[cfg(test)]
mod tests {
    use super::column;

    #[test]
    fn names_become_columns_that_need_no_quoting() {
        for (name, wanted) in [
            ("pValue", "p_value"),
            ("daysOver180", "days_over_180"),
            ("days1To30", "days_1_to_30"),
            ("survival90", "survival_90"),
            ("incidentsPer100k", "incidents_per_100k"),
            ("verdict", "verdict"),
        ] {
            assert_eq!(column(name), wanted);
        }
    }
}
