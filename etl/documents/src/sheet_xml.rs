//! Details of a workbook's sheets besides the cell values: hidden rows and columns, and formulas
//! whose value was not saved.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::archive::Archive;
use crate::xml::attribute;

/// Maximum number of recorded formulas without a value per sheet.
const MOST_FORMULAS: usize = 1_000_000;
/// Maximum number of columns of a sheet.
const MOST_COLUMNS: usize = 16_384;

/// Details of one sheet. Rows count from 1, columns from 0.
#[derive(Clone, Debug, Default)]
pub struct SheetNotes {
    /// Hidden rows.
    pub hidden_rows: Vec<u64>,
    /// Hidden columns.
    pub hidden_columns: Vec<usize>,
    /// A filter hides rows.
    pub is_filtered: bool,
    /// Cells with a formula whose value was not saved, by row and column.
    pub unsaved: Vec<(u64, usize)>,
}

/// Returns the part of each sheet by the sheet's name; empty if the parts cannot be determined.
pub fn parts(archive: &Archive) -> HashMap<String, String> {
    let mut sheets: Vec<(String, String)> = Vec::new();
    each(&archive.part("xl/workbook.xml").unwrap_or_default(), |start| {
        if start.local_name().as_ref() == "sheet"
            && let (Some(name), Some(id)) = (attribute(start, "name"), relationship(start))
        {
            sheets.push((unescaped(&name), id));
        }
    });
    let mut targets: HashMap<String, String> = HashMap::new();
    each(&archive.part("xl/_rels/workbook.xml.rels").unwrap_or_default(), |start| {
        if let (Some(id), Some(target)) = (attribute(start, "Id"), attribute(start, "Target")) {
            let path =
                target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            targets.insert(id, path);
        }
    });
    sheets.into_iter().filter_map(|(name, id)| Some((name, targets.remove(&id)?))).collect()
}

/// Returns the details in a sheet's part. They end where the part is damaged, which the reader of
/// its cells reports.
pub fn notes(xml: &[u8]) -> SheetNotes {
    let mut notes = SheetNotes::default();
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    let mut cell = OpenCell::default();
    let (mut row, mut has_filter) = (0, false);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => cell.start(&start, &mut row, &mut has_filter, &mut notes),
            Ok(Event::Empty(start)) => {
                cell.start(&start, &mut row, &mut has_filter, &mut notes);
                cell.end(start.local_name().as_ref(), &mut notes);
            }
            Ok(Event::Text(text)) if cell.in_value => cell.has_value |= !text.as_ref().is_empty(),
            Ok(Event::GeneralRef(_)) if cell.in_value => cell.has_value = true,
            Ok(Event::End(end)) => cell.end(end.local_name().as_ref(), &mut notes),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    notes.is_filtered = has_filter && !notes.hidden_rows.is_empty();
    notes
}

/// The current cell.
#[derive(Default)]
struct OpenCell {
    position: Option<(u64, usize)>,
    /// The result of a text formula can be empty.
    is_text: bool,
    has_formula: bool,
    in_value: bool,
    has_value: bool,
}

impl OpenCell {
    fn start(
        &mut self,
        start: &BytesStart<'_>,
        row: &mut u64,
        has_filter: &mut bool,
        notes: &mut SheetNotes,
    ) {
        let is_hidden = || matches!(attribute(start, "hidden").as_deref(), Some("1" | "true"));
        match start.local_name().as_ref() {
            "row" => {
                *row = attribute(start, "r")
                    .and_then(|number| number.parse().ok())
                    .unwrap_or(*row + 1);
                if is_hidden() {
                    notes.hidden_rows.push(*row);
                }
            }
            "col" if is_hidden() => {
                let column =
                    |name| attribute(start, name).and_then(|number| number.parse::<usize>().ok());
                if let (Some(first), Some(last)) = (column("min"), column("max")) {
                    notes.hidden_columns.extend(first.saturating_sub(1)..last.min(MOST_COLUMNS));
                }
            }
            "filterColumn" => *has_filter = true,
            "c" => {
                let column = attribute(start, "r").and_then(|name| column_of(&name));
                let is_text = attribute(start, "t").as_deref() == Some("str");
                *self = Self {
                    position: column.map(|column| (*row, column)),
                    is_text,
                    ..Self::default()
                };
            }
            "f" => self.has_formula = true,
            "v" => (self.in_value, self.has_value) = (true, self.is_text),
            _ => {}
        }
    }

    fn end(&mut self, name: &str, notes: &mut SheetNotes) {
        match name {
            "v" => self.in_value = false,
            "c" => {
                let cell = std::mem::take(self);
                if cell.has_formula && !cell.has_value && notes.unsaved.len() < MOST_FORMULAS {
                    notes.unsaved.extend(cell.position);
                }
            }
            _ => {}
        }
    }
}

/// Calls `each` with every element.
fn each(xml: &[u8], mut each: impl FnMut(&BytesStart<'_>)) {
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start) | Event::Empty(start)) => each(&start),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
}

/// Returns `r:id`, which differs from `sheetId`.
fn relationship(start: &BytesStart<'_>) -> Option<String> {
    attribute(start, "id")
}

fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// Returns the column of a cell name: 2 for `C7`.
fn column_of(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_uppercase);
    let column =
        letters.fold(0_usize, |column, letter| column * 26 + usize::from(letter - b'A') + 1);
    column.checked_sub(1).filter(|column| *column < MOST_COLUMNS)
}

/// Returns the name of a cell: `C7` for row 7 of column 2.
pub fn cell_name(row: u64, column: usize) -> String {
    format!("{}{row}", column_name(column))
}

/// Returns the letters of a column: `C` for 2, `AA` for 26.
pub fn column_name(column: usize) -> String {
    let (mut left, mut letters) = (column + 1, Vec::new());
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::{cell_name, column_of, notes};

    #[test]
    fn hidden_parts_and_formulas_without_values_are_noted() {
        let xml = br#"<worksheet><cols><col min="2" max="3" hidden="1"/></cols><sheetData>
            <row r="1"><c r="A1"><f>B1+1</f><v></v></c><c r="B1"><f>1</f><v>1</v></c><c r="C1" t="str"><f>""</f><v></v></c></row>
            <row r="2" hidden="1"><c r="AA2"><f>NOW()</f></c><c r="AB2"><f>1</f><v/></c></row></sheetData>
            <autoFilter ref="A1:C2"><filterColumn colId="0"/></autoFilter></worksheet>"#;
        let found = notes(xml);
        assert_eq!(
            (found.hidden_rows, found.hidden_columns, found.is_filtered),
            (vec![2], vec![1, 2], true)
        );
        assert_eq!(found.unsaved, [(1, 0), (2, 26), (2, 27)]);
        assert_eq!((cell_name(2, 27), column_of("AB2")), ("AB2".to_owned(), Some(27)));
        assert_eq!(cell_name(7, 2), "C7");
    }
}
