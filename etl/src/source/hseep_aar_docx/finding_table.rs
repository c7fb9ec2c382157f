//! Reads findings in tables. One form has a column of strengths and a column of areas for
//! improvement, or one row per finding with its analysis. The other has labels on the left
//! (`Strength 1`, `Analysis`) and their text on the right.

use hotwash_documents::block::Paragraph;

use super::finding::WrittenFinding;
use super::reader::Reader;
use super::words::{self, is_placeholder};
use crate::lookup::Lookup;
use crate::reading::headings::Columns;
use crate::reading::items::{items, unmarked};
use crate::record::FindingKind;

/// Reads the rows below a header of findings.
pub fn rows(position: u64, rows: &[Vec<String>], columns: &Columns, reader: &mut Reader) {
    for row in rows {
        let cell = |field: &str| {
            let text = columns
                .index_of(field)
                .and_then(|at| row.get(at))
                .map(|text| text.trim())
                .unwrap_or_default();
            text.lines()
                .filter(|line| !is_placeholder(unmarked(line)))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let stated = match cell("kind").to_lowercase() {
            kind if kind.starts_with('s') || kind.contains("best practice") => {
                Some(FindingKind::Strength)
            }
            kind if !kind.is_empty() => Some(FindingKind::AreaForImprovement),
            _ => None,
        };
        let capability = cell("capability").lines().map(unmarked).collect::<Vec<_>>().join(" ");
        for (field, kind) in [
            ("strength", FindingKind::Strength),
            ("area", FindingKind::AreaForImprovement),
            ("text", stated.unwrap_or(FindingKind::AreaForImprovement)),
        ] {
            let cell_text = cell(field);
            if words::section(&cell_text).is_some() {
                continue;
            }
            let (lines, is_list) = (cell_text.lines().count(), items(&cell_text).len() > 1);
            // With an analysis column, a cell contains one finding; in a bare list, each line is a
            // finding.
            let texts = if is_list || columns.known() > 2 || lines < 2 {
                items(&cell_text)
            } else {
                cell_text.lines().map(str::to_owned).collect()
            };
            for text in texts.into_iter().filter(|text| !words::is_boilerplate(text)) {
                let label = words::label(&text);
                let (text, number, own) = match label {
                    Some(label) if !label.rest.is_empty() => (label.rest, label.number, label.kind),
                    _ => (text, None, None),
                };
                reader.take(WrittenFinding {
                    position,
                    kind: own.unwrap_or(kind),
                    capability: capability.clone(),
                    text,
                    number: number.unwrap_or_default(),
                    reference: cell("reference"),
                    analysis: cell("analysis"),
                    recommendation: cell("recommendation"),
                    ..WrittenFinding::default()
                });
            }
        }
    }
}

/// Reads a table whose left column labels the text to its right. Returns whether the table has this
/// form.
pub fn labeled(position: u64, cells: &[Vec<String>], lookup: &Lookup, reader: &mut Reader) -> bool {
    let label_of = |row: &Vec<String>| {
        row.first().map(|text| text.trim().trim_end_matches(':').to_owned()).unwrap_or_default()
    };
    let is_label = |text: &str| {
        words::section(text).is_some()
            || words::is_field_word(text)
            || words::label(text)
                .is_some_and(|label| label.rest.is_empty() && label.number.is_some())
    };
    if cells.iter().filter(|row| row.len() >= 2 && is_label(&label_of(row))).count() == 0 {
        return false;
    }
    let paragraph = |text: String| Paragraph { text, ..Paragraph::default() };
    for row in cells {
        let label = label_of(row);
        let right: Vec<&String> =
            row.iter().skip(1).filter(|text| !text.trim().is_empty()).collect();
        let right = right.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n");
        if let Some(kind) = words::section(&label) {
            reader.begin_section(kind);
            for text in items(&right).into_iter().flat_map(|item| {
                if items(&right).len() > 1 {
                    vec![item]
                } else {
                    item.lines().map(str::to_owned).collect()
                }
            }) {
                reader.paragraph(position, &Paragraph { listed: true, ..paragraph(text) }, lookup);
            }
        } else if is_label(&label) && !right.is_empty() {
            reader.paragraph(position, &paragraph(format!("{label}: {right}")), lookup);
        } else if ["capability", "core capability", "target capability"]
            .contains(&label.to_lowercase().as_str())
        {
            reader.name_capability(right.trim());
        } else {
            // A title across the table.
            for text in row.iter().filter(|text| !text.trim().is_empty()) {
                reader.paragraph(position, &paragraph(text.clone()), lookup);
            }
        }
    }
    true
}
