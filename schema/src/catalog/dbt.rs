//! Generates a dbt `sources.yml`: views, columns, meanings, and tests of their keys.

use std::fmt::Write;

use super::{BiRelation, quoted};

/// Returns the text of the file.
pub fn dbt(relations: &[BiRelation]) -> String {
    let mut out =
        String::from("version: 2\n\nsources:\n  - name: hotwash\n    schema: bi\n    tables:\n");
    for relation in relations {
        let _ = writeln!(
            out,
            "      - name: {}\n        description: {}\n        columns:",
            relation.name,
            quoted(&relation.comment)
        );
        let joins = relation.joins();
        for column in &relation.columns {
            let _ = writeln!(
                out,
                "          - name: {}\n            description: {}",
                column.name,
                quoted(&column.comment)
            );
            if relation.own_key() == Some(column.name.as_str()) {
                let _ = writeln!(out, "            data_tests: [unique, not_null]");
            } else if let Some((_, dimension, key)) =
                joins.iter().find(|(joined, ..)| joined.name == column.name)
            {
                let _ = writeln!(
                    out,
                    "            data_tests:\n              - relationships:\n                  \
                     arguments:\n                    to: source('hotwash', \
                     '{dimension}')\n                    field: {key}"
                );
            }
        }
    }
    out
}
