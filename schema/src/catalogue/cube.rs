//! A Cube data model: a cube a view, joined to its dimensions, with a measure for each column that may be summed.

use std::fmt::Write;

use super::{Column, Relation, quoted};

/// The model's YAML.
pub fn cube(relations: &[Relation]) -> String {
    let mut out = String::from("cubes:\n");
    for relation in relations {
        let _ = writeln!(
            out,
            "  - name: {0}\n    sql_table: bi.{0}\n    description: {1}",
            relation.name,
            quoted(&relation.comment)
        );
        joins(&mut out, relation);
        let _ = writeln!(out, "    dimensions:");
        for column in relation.columns.iter().filter(|column| !column.sums()) {
            let _ = writeln!(
                out,
                "      - name: {0}\n        sql: {0}\n        type: {1}\n        description: {2}",
                column.name,
                kind(column),
                quoted(&column.comment)
            );
            if relation.own_key() == Some(column.name.as_str()) {
                let _ = writeln!(out, "        primary_key: true\n        public: true");
            }
        }
        let _ = writeln!(out, "    measures:\n      - name: row_count\n        type: count");
        for column in relation.columns.iter().filter(|column| column.sums()) {
            let _ = writeln!(
                out,
                "      - name: {0}\n        sql: {0}\n        type: sum\n        description: {1}",
                column.name,
                quoted(&column.comment)
            );
        }
    }
    out
}

/// One join a dimension: Cube allows no two of the same name, so the first key of several dates is the one.
fn joins(out: &mut String, relation: &Relation) {
    let mut known: Vec<&str> = Vec::new();
    for (column, dimension, key) in relation.joins() {
        // The chain fact → dimension → dimension would give two paths; only facts and bridges join.
        if known.contains(&dimension) || relation.name.starts_with("dim_") {
            continue;
        }
        if known.is_empty() {
            let _ = writeln!(out, "    joins:");
        }
        known.push(dimension);
        let _ = writeln!(
            out,
            "      - name: {dimension}\n        relationship: many_to_one\n        sql: \"{{CUBE}}.{} = {{{dimension}}}.{key}\"",
            column.name
        );
    }
}

fn kind(column: &Column) -> &'static str {
    match column.data_type.as_str() {
        "boolean" => "boolean",
        "date" | "timestamp with time zone" => "time",
        "integer" | "bigint" | "smallint" | "double precision" | "numeric" => "number",
        _ => "string",
    }
}
