//! Generates the data dictionary, for people (Markdown) and for spreadsheets (CSV).

use std::fmt::Write;

use super::{BiColumn, BiRelation};

/// Returns one section per view, with a table of its columns.
pub fn markdown(relations: &[BiRelation]) -> String {
    let mut out = String::from("# Data dictionary of the schema `bi`\n");
    for relation in relations {
        let _ = write!(
            out,
            "\n## {}\n\n{}\n\n| column | type | meaning | joins |\n|---|---|---|---|\n",
            relation.name,
            cell(&relation.comment)
        );
        for column in &relation.columns {
            let (name, kind, joined) = (&column.name, &column.data_type, joined(relation, column));
            let _ = writeln!(out, "| {name} | {kind} | {} | {joined} |", cell(&column.comment));
        }
    }
    out
}

/// Returns one line per column: view, column, type, meaning, joined dimension.
///
/// # Errors
/// Fails if a line cannot be written to memory.
pub fn csv(relations: &[BiRelation]) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["view", "column", "type", "meaning", "joins"])?;
    for relation in relations {
        for column in &relation.columns {
            writer.write_record([
                relation.name.as_str(),
                column.name.as_str(),
                column.data_type.as_str(),
                column.comment.as_str(),
                joined(relation, column),
            ])?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Returns the dimension that a column joins; empty if there is none.
fn joined(relation: &BiRelation, column: &BiColumn) -> &'static str {
    relation
        .joins()
        .iter()
        .find(|(key, ..)| key.name == column.name)
        .map_or("", |(_, dimension, _)| dimension)
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
