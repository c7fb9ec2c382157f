//! Warnings of loads, by kind, on the page Data.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::page::{Figure, text_of};
use crate::query::PageQuery;
use crate::wording::{counted, plain, thousands};

/// Maximum number of warnings read.
const LOOKED_AT: usize = 1_000;
/// Maximum number of kinds shown.
const KINDS_SHOWN: usize = 20;

/// Returns the query.
pub fn query() -> PageQuery {
    PageQuery {
        name: "warnings",
        query: format!(
            "{{ warnings(first: {LOOKED_AT}) {{ totalCount nodes {{ file code column occurrences \
             }} }} }}"
        ),
    }
}

/// Returns the table of warnings by file, column and kind, the most frequent first.
pub fn figure(answer: &Result<Value, String>) -> Figure {
    let list = answer.as_ref().map(|answer| &answer["warnings"]);
    let nodes = list.ok().and_then(|list| list["nodes"].as_array());
    let nodes = nodes.map(Vec::as_slice).unwrap_or_default();
    let total = list.ok().and_then(|list| list["totalCount"].as_f64()).unwrap_or_default();
    let mut kinds: BTreeMap<[String; 3], f64> = BTreeMap::new();
    for warning in nodes {
        let key = ["file", "column", "code"].map(|name| text_of(warning.get(name)));
        *kinds.entry(key).or_default() += warning["occurrences"].as_f64().unwrap_or(1.0);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|one, two| two.1.total_cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    let rows = kinds.into_iter().map(|([file, column, code], rows)| {
        vec![file.into(), column.into(), plain(&code).into(), thousands(rows).into()]
    });
    Figure {
        title: "Warnings, by kind".into(),
        reading: match answer {
            Err(message) => message.clone(),
            Ok(_) if nodes.is_empty() => "No warnings that you may see.".into(),
            Ok(_) => {
                let counted = counted(total, "warning", "warnings");
                let counted = if total > LOOKED_AT as f64 {
                    format!("The latest {} of {counted}", thousands(LOOKED_AT as f64))
                } else {
                    counted
                };
                format!(
                    "{counted} about values that were loaded anyway, each about one or several \
                     rows. hotwash warnings lists them."
                )
            }
        },
        headings: ["File", "Column", "Warning", "Rows"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        most: Some(KINDS_SHOWN),
        ..Figure::default()
    }
}
