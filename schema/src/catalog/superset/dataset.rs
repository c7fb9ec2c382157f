//! Generates data sets: a published metric as its view, or a fact joined to the names of its
//! dimensions, because Superset does not join.

use serde_json::{Value, json};

use super::{LAYOUT, id};
use crate::catalog::{BiColumn, BiRelation};
use crate::statement::filled;

/// Columns of a dimension that are added to a fact, with their names there.
const TOLD: &[(&str, &[(&str, &str)])] = &[
    (
        "dim_date",
        &[
            ("date", "date"),
            ("month_start", "month_start"),
            ("quarter_start", "quarter_start"),
            ("year", "year"),
            ("fiscal_year", "fiscal_year"),
        ],
    ),
    ("dim_region", &[("region", "region")]),
    ("dim_organization", &[("organization", "organization"), ("discipline", "discipline")]),
    ("dim_capability", &[("framework", "framework"), ("capability", "capability")]),
    ("dim_hazard", &[("hazard", "hazard"), ("category", "hazard_category")]),
    ("dim_event", &[("event", "event"), ("kind", "event_kind")]),
];

/// Data set.
pub struct Set {
    /// Name, the same as the view's.
    pub name: String,
    /// Columns with type and meaning.
    pub columns: Vec<BiColumn>,
    description: String,
    sql: Option<String>,
    weighted: bool,
}

/// Creates the data set of a fact or a metric. Dimensions and the bridge are part of the facts'
/// data sets.
pub fn of(relation: &BiRelation, all: &[BiRelation]) -> Option<Set> {
    let (name, description) = (relation.name.clone(), relation.comment.clone());
    if name.starts_with("metric_") && name != "metric_value" {
        return Some(Set {
            name,
            columns: relation.columns.clone(),
            description,
            sql: None,
            weighted: false,
        });
    }
    name.strip_prefix("fact_")?;
    let mut columns = relation.columns.clone();
    let mut selected: Vec<String> =
        columns.iter().map(|column| format!("f.{}", column.name)).collect();
    let mut from = format!("bi.{name} f");
    let mut joins: Vec<(String, &str, &str)> = Vec::new();
    let own = relation.own_key();
    for (column, dimension, key) in relation.joins() {
        if !joins.iter().any(|(_, known, _)| *known == dimension) {
            joins.push((format!("f.{}", column.name), dimension, key));
        }
    }
    let events = relation.columns.iter().any(|column| column.name == "event_id");
    if own == Some("event_id") {
        joins.push(("f.event_id".into(), "dim_event", "event_id"));
    }
    let weighted = events && !joins.iter().any(|(_, dimension, _)| *dimension == "dim_region");
    if weighted {
        from.push_str(" left join bi.bridge_event_region b on b.event_id = f.event_id");
        selected.push("coalesce(b.allocation_weight, 1) as allocation_weight".into());
        let meaning = "Share of the row given to the region: sums are weighted by it, so that \
            nothing counts twice.";
        columns.push(BiColumn {
            name: "allocation_weight".into(),
            data_type: "double precision".into(),
            comment: meaning.into(),
        });
        joins.push(("b.region_id".into(), "dim_region", "region_id"));
    }
    for (left, dimension, key) in joins {
        from.push_str(&format!(" left join bi.{dimension} on {dimension}.{key} = {left}"));
        let told =
            TOLD.iter().find(|(name, _)| *name == dimension).map_or(&[][..], |(_, told)| told);
        for (source, shown) in told {
            let known = columns.iter().any(|column| column.name == *shown);
            let Some(column) = find(all, dimension, source).filter(|_| !known) else { continue };
            selected.push(format!("{dimension}.{source} as {shown}"));
            columns.push(BiColumn { name: (*shown).into(), ..column.clone() });
        }
    }
    let parts = [("columns", selected.join(", ")), ("from", from)];
    let parts = parts.each_ref().map(|(name, text)| (*name, text.as_str()));
    let sql = Some(filled(include_str!("dataset.sql"), &parts));
    Some(Set { name, columns, description, sql, weighted })
}

fn find<'a>(all: &'a [BiRelation], relation: &str, column: &str) -> Option<&'a BiColumn> {
    all.iter()
        .find(|known| known.name == relation)?
        .columns
        .iter()
        .find(|known| known.name == column)
}

impl Set {
    /// Returns the data set's file in the bundle.
    pub fn file(&self) -> Value {
        let columns = self.columns.iter().map(|column| {
            json!({
                "column_name": column.name, "verbose_name": title(&column.name), "is_dttm": is_time(column), "is_active": true,
                "type": column.data_type.to_uppercase(), "groupby": true, "filterable": true, "expression": null,
                "description": column.comment, "python_date_format": null, "extra": null,
            })
        });
        json!({
            "table_name": self.name, "main_dttm_col": self.main_time(), "description": self.description, "default_endpoint": null,
            "offset": 0, "cache_timeout": null, "schema": "bi", "sql": self.sql, "params": null, "template_params": null,
            "filter_select_enabled": true, "fetch_values_predicate": null, "extra": null, "uuid": id(&self.name),
            "metrics": self.metrics(), "columns": columns.collect::<Vec<_>>(), "version": LAYOUT, "database_uuid": id("database"),
        })
    }

    fn main_time(&self) -> Option<&str> {
        ["date", "period_start"]
            .into_iter()
            .find(|name| self.columns.iter().any(|column| column.name == *name))
    }

    /// Returns the names and expressions of its measures. A published metric has one row per group,
    /// so the maximum is that row's value.
    pub fn measures(&self) -> Vec<(String, String, &str)> {
        if self.sql.is_none() {
            let numbers = self.columns.iter().filter(|column| column.is_published_number());
            return numbers
                .map(|column| {
                    (
                        format!("max_{}", column.name),
                        format!("max({})", column.name),
                        column.comment.as_str(),
                    )
                })
                .collect();
        }
        let weighted = |column: &str| {
            if self.weighted {
                format!("sum({column} * allocation_weight)")
            } else {
                format!("sum({column})")
            }
        };
        let rows = (
            "row_count".to_owned(),
            weighted("1"),
            "Rows, weighted where an event has several regions.",
        );
        let sums = self.columns.iter().filter(|column| column.sums());
        std::iter::once(rows)
            .chain(sums.map(|column| {
                (format!("sum_{}", column.name), weighted(&column.name), column.comment.as_str())
            }))
            .collect()
    }

    fn metrics(&self) -> Vec<Value> {
        let measures = self.measures();
        let entry = |(name, expression, meaning): &(String, String, &str)| {
            json!({
                "metric_name": name, "verbose_name": title(name), "metric_type": null, "expression": expression, "description": meaning,
                "d3format": null, "extra": null, "warning_text": null,
            })
        };
        measures.iter().map(entry).collect()
    }
}

fn is_time(column: &BiColumn) -> bool {
    matches!(column.data_type.as_str(), "date" | "timestamp with time zone")
}

/// Returns a column's name for people.
fn title(name: &str) -> String {
    let words = name
        .strip_prefix("max_")
        .or_else(|| name.strip_prefix("sum_"))
        .unwrap_or(name)
        .replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| format!("{}{}", first.to_uppercase(), letters.as_str()))
        .unwrap_or_default()
}
