//! Details of a workbook's sheets besides the cell values: hidden rows and columns, and formulas
//! whose value was not saved, and struck-through cells.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::archive::Archive;
use crate::xml::{attribute, is_on};

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
    /// Cells with struck-through text, by row and column, with the text that is left.
    pub struck: Vec<(u64, usize, String)>,
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
pub fn notes(xml: &[u8], strikes: &Strikes) -> SheetNotes {
    let mut notes = SheetNotes::default();
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    let mut cell = OpenCell::default();
    let mut inline = RichText::default();
    let (mut row, mut has_filter) = (0, false);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => {
                cell.start(&start, &mut row, &mut has_filter, &mut notes);
                inline.start(&start);
            }
            Ok(Event::Empty(start)) => {
                cell.start(&start, &mut row, &mut has_filter, &mut notes);
                inline.start(&start);
                cell.end(start.local_name().as_ref(), strikes, &mut inline, &mut notes);
                inline.end(start.local_name().as_ref());
            }
            Ok(Event::Text(text)) => {
                cell.text(text.as_ref());
                inline.text(text.as_ref());
            }
            Ok(Event::GeneralRef(reference)) => {
                cell.has_value |= cell.in_value;
                inline.text(&format!("&{};", reference.as_ref()));
            }
            Ok(Event::End(end)) => {
                cell.end(end.local_name().as_ref(), strikes, &mut inline, &mut notes);
                inline.end(end.local_name().as_ref());
            }
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
    /// Index of its style.
    style: usize,
    is_shared: bool,
    /// Index of its text among the shared ones.
    shared: String,
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
                    style: attribute(start, "s")
                        .and_then(|style| style.parse().ok())
                        .unwrap_or_default(),
                    is_shared: attribute(start, "t").as_deref() == Some("s"),
                    ..Self::default()
                };
            }
            "f" => self.has_formula = true,
            "v" => (self.in_value, self.has_value) = (true, self.is_text),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_value {
            self.has_value |= !text.is_empty();
            if self.is_shared {
                self.shared.push_str(text);
            }
        }
    }

    fn end(
        &mut self,
        name: &str,
        strikes: &Strikes,
        inline: &mut RichText,
        notes: &mut SheetNotes,
    ) {
        match name {
            "v" => self.in_value = false,
            "c" => {
                let cell = std::mem::take(self);
                let written = std::mem::take(inline).left();
                if let Some((row, column)) = cell.position {
                    let is_struck = strikes.styles.get(cell.style).copied().unwrap_or_default();
                    let shared = || {
                        let index: usize = cell.shared.trim().parse().ok()?;
                        strikes.shared.get(&index).cloned()
                    };
                    let left =
                        if is_struck { Some(String::new()) } else { written.or_else(shared) };
                    notes.struck.extend(left.map(|left| (row, column, left)));
                }
                if cell.has_formula && !cell.has_value && notes.unsaved.len() < MOST_FORMULAS {
                    notes.unsaved.extend(cell.position);
                }
            }
            _ => {}
        }
    }
}

/// Which cells of a workbook are struck through.
#[derive(Clone, Debug, Default)]
pub struct Strikes {
    /// Whether a cell of each style is.
    styles: Vec<bool>,
    /// Shared texts with struck-through parts, by index, with the text that is left.
    shared: HashMap<usize, String>,
}

impl Strikes {
    const SIGN: &[u8] = b"strike";

    /// Reads the styles and the shared texts of a workbook.
    pub fn read(archive: &Archive) -> Self {
        let has_sign = |part: &[u8]| part.windows(Self::SIGN.len()).any(|part| part == Self::SIGN);
        let styles = archive.part("xl/styles.xml").unwrap_or_default();
        let texts = archive.part("xl/sharedStrings.xml").unwrap_or_default();
        Self {
            styles: if has_sign(&styles) { struck_styles(&styles) } else { Vec::new() },
            shared: if has_sign(&texts) { struck_texts(&texts) } else { HashMap::new() },
        }
    }

    /// Returns whether no style and no shared text is struck through.
    pub fn is_empty(&self) -> bool {
        !self.styles.contains(&true) && self.shared.is_empty()
    }
}

/// Returns whether each style of a cell has a font that strikes through.
fn struck_styles(xml: &[u8]) -> Vec<bool> {
    let (mut fonts, mut styles): (Vec<bool>, Vec<bool>) = (Vec::new(), Vec::new());
    let mut list = String::new();
    each(xml, |start| match start.local_name().as_ref() {
        name @ ("fonts" | "cellXfs" | "cellStyleXfs" | "dxfs" | "fills") => list = name.to_owned(),
        "font" if list == "fonts" => fonts.push(false),
        "strike" if list == "fonts" => {
            if let Some(font) = fonts.last_mut() {
                *font = is_on(start);
            }
        }
        "xf" if list == "cellXfs" => {
            let font = attribute(start, "fontId").and_then(|id| id.parse::<usize>().ok());
            styles.push(font.and_then(|id| fonts.get(id).copied()).unwrap_or_default());
        }
        _ => {}
    });
    styles
}

/// Returns the shared texts with struck-through parts.
fn struck_texts(xml: &[u8]) -> HashMap<usize, String> {
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    let (mut texts, mut count, mut text) = (HashMap::new(), 0, RichText::default());
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => text.start(&start),
            Ok(Event::Empty(start)) => {
                text.start(&start);
                text.end(start.local_name().as_ref());
            }
            Ok(Event::Text(written)) => text.text(written.as_ref()),
            Ok(Event::GeneralRef(reference)) => text.text(&format!("&{};", reference.as_ref())),
            Ok(Event::End(end)) if end.local_name().as_ref() == "si" => {
                texts.extend(std::mem::take(&mut text).left().map(|left| (count, left)));
                count += 1;
            }
            Ok(Event::End(end)) => text.end(end.local_name().as_ref()),
            Ok(Event::Eof) | Err(_) => return texts,
            Ok(_) => {}
        }
    }
}

/// Text in runs of which some are struck through.
#[derive(Default)]
struct RichText {
    in_text: bool,
    is_struck: bool,
    has_struck: bool,
    left: String,
}

impl RichText {
    fn start(&mut self, start: &BytesStart<'_>) {
        match start.local_name().as_ref() {
            "r" => self.is_struck = false,
            "strike" => self.is_struck = is_on(start),
            "t" => self.in_text = true,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "r" => self.is_struck = false,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text && self.is_struck {
            self.has_struck |= !text.trim().is_empty();
        } else if self.in_text {
            self.left.push_str(text);
        }
    }

    /// Returns the text that is left, if a part of it is struck through.
    fn left(self) -> Option<String> {
        self.has_struck.then(|| unescaped(self.left.trim()))
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
    use super::{RichText, Strikes, cell_name, column_of, notes, struck_styles, struck_texts};

    #[test]
    fn hidden_parts_and_formulas_without_values_are_noted() {
        let xml = br#"<worksheet><cols><col min="2" max="3" hidden="1"/></cols><sheetData>
            <row r="1"><c r="A1"><f>B1+1</f><v></v></c><c r="B1"><f>1</f><v>1</v></c><c r="C1" t="str"><f>""</f><v></v></c></row>
            <row r="2" hidden="1"><c r="AA2"><f>NOW()</f></c><c r="AB2"><f>1</f><v/></c></row></sheetData>
            <autoFilter ref="A1:C2"><filterColumn colId="0"/></autoFilter></worksheet>"#;
        let found = notes(xml, &Strikes::default());
        assert_eq!(
            (found.hidden_rows, found.hidden_columns, found.is_filtered),
            (vec![2], vec![1, 2], true)
        );
        assert_eq!(found.unsaved, [(1, 0), (2, 26), (2, 27)]);
        assert_eq!((cell_name(2, 27), column_of("AB2")), ("AB2".to_owned(), Some(27)));
        assert_eq!(cell_name(7, 2), "C7");
    }

    #[test]
    fn struck_cells_and_parts_of_their_text_are_noted() {
        assert_eq!(RichText::default().left(), None);
        let styles = struck_styles(
            br#"<styleSheet><fonts><font><b/></font><font><strike/></font><font><strike val="0"/></font></fonts>
            <cellStyleXfs><xf fontId="1"/></cellStyleXfs><cellXfs><xf fontId="0"/><xf fontId="1"/><xf fontId="2"/></cellXfs>
            <dxfs><dxf><font><strike/></font></dxf></dxfs></styleSheet>"#,
        );
        assert_eq!(styles, [false, true, false]);
        let shared = struck_texts(
            br#"<sst><si><t>plain</t></si><si><r><t>Buy 30 </t></r><r><rPr><strike/></rPr><t>twenty</t></r></si>
            <si><r><rPr><strike/></rPr><t>all</t></r></si></sst>"#,
        );
        let strikes = Strikes { styles, shared };
        let found = notes(
            br#"<worksheet><sheetData><row r="2"><c r="A2" s="1"><v>7</v></c><c r="B2" t="s"><v>0</v></c>
            <c r="C2" t="s"><v>1</v></c><c r="D2" t="s"><v>2</v></c><c r="E2" t="inlineStr"><is><r><t>A </t></r>
            <r><rPr><strike/></rPr><t>b</t></r></is></c></row></sheetData></worksheet>"#,
            &strikes,
        );
        let expected = [(0, ""), (2, "Buy 30"), (3, ""), (4, "A")];
        assert_eq!(found.struck, expected.map(|(column, left)| (2, column, left.to_owned())));
    }
}
