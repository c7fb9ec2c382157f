//! WordprocessingML to blocks. Tracked insertions are read as accepted and deletions as gone; content controls are seen
//! through; check boxes drawn by a symbol font become `☒` or `☐`.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::word::{Block, Merge, Paragraph, Table, TableCell};

/// Deepest nesting of elements; a document has a few dozen.
const DEEPEST: usize = 400;
/// Most blocks and cells.
const MOST_PARTS: usize = 2_000_000;

#[derive(Default)]
struct Cell {
    lines: Vec<String>,
    span: usize,
    merge: Merge,
}

#[derive(Default)]
struct OpenTable {
    rows: Vec<Vec<TableCell>>,
    row: Vec<TableCell>,
    cell: Option<Cell>,
    /// Paragraph that was open around it.
    around: Option<Paragraph>,
}

#[derive(Default)]
struct State {
    blocks: Vec<Block>,
    tables: Vec<OpenTable>,
    paragraph: Option<Paragraph>,
    in_text: bool,
    /// Depth at which something to be left out began.
    left_out: Option<usize>,
    made: usize,
    counted: usize,
}

/// The blocks of `word/document.xml`.
pub fn blocks(xml: &[u8]) -> Result<Vec<Block>, String> {
    let mut reader = Reader::from_reader(xml);
    let mut state = State::default();
    let mut depth = 0;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|error| format!("the document's text is damaged ({error}); open it in Word and save it again"))?;
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err("the document nests its parts too deeply to be a report".into());
                }
                if state.left_out.is_none() {
                    state.start(&start, depth);
                }
            }
            Event::Empty(start) if state.left_out.is_none() => {
                state.start(&start, depth + 1);
                state.left_out = None;
                state.end(start.local_name().as_ref());
            }
            Event::End(end) => {
                match state.left_out {
                    Some(began) if began == depth => state.left_out = None,
                    Some(_) => {}
                    None => state.end(end.local_name().as_ref()),
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if state.in_text && state.left_out.is_none() => {
                state.push(text.as_ref());
            }
            Event::GeneralRef(reference) if state.in_text && state.left_out.is_none() => {
                let letter = match reference.as_ref() {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => reference.resolve_char_ref().ok().flatten(),
                };
                if let Some(letter) = letter {
                    state.push(letter.encode_utf8(&mut [0; 4]));
                }
            }
            Event::Eof => break,
            _ => {}
        }
        if state.counted > MOST_PARTS {
            return Err("the document has too many parts to be a report".into());
        }
    }
    Ok(state.blocks)
}

fn attribute(start: &BytesStart<'_>, wanted: &str) -> Option<String> {
    start
        .attributes()
        .flatten()
        .find(|found| found.key.local_name().as_ref() == wanted)
        .map(|found| found.value.into_owned())
}

impl State {
    fn push(&mut self, text: &str) {
        if let Some(paragraph) = &mut self.paragraph {
            for letter in text.chars() {
                paragraph.text.push(match letter {
                    '\u{a0}' | '\u{2007}' | '\u{202f}' => ' ',
                    '\u{2018}' | '\u{2019}' => '\'',
                    '\u{201c}' | '\u{201d}' => '"',
                    '\u{ad}' => continue,
                    other => other,
                });
            }
        }
    }

    fn cell(&mut self) -> Option<&mut Cell> {
        self.tables.last_mut().and_then(|table| table.cell.as_mut())
    }

    fn start(&mut self, start: &BytesStart<'_>, depth: usize) {
        match start.local_name().as_ref() {
            // Deleted text, the older form of what a choice shows already, fields' codes and properties' history.
            "del" | "moveFrom" | "Fallback" | "instrText" | "rPrChange" | "pPrChange" | "tcPrChange" | "sectPr" => {
                self.left_out = Some(depth);
            }
            "tbl" => {
                let around = self.paragraph.take();
                self.tables.push(OpenTable { around, ..OpenTable::default() });
            }
            "tc" => {
                self.counted += 1;
                if let Some(table) = self.tables.last_mut() {
                    table.cell = Some(Cell { span: 1, ..Cell::default() });
                }
            }
            "gridSpan" => {
                let span = attribute(start, "val").and_then(|text| text.parse().ok()).unwrap_or(1);
                if let Some(cell) = self.cell() {
                    cell.span = span;
                }
            }
            "vMerge" => {
                let merge =
                    if attribute(start, "val").as_deref() == Some("restart") { Merge::Start } else { Merge::Continue };
                if let Some(cell) = self.cell() {
                    cell.merge = merge;
                }
            }
            "p" => {
                self.counted += 1;
                // A text box's paragraph inside another one: the outer one ends first.
                self.end_paragraph();
                self.paragraph = Some(Paragraph::default());
            }
            "pStyle" => {
                if let (Some(paragraph), Some(style)) = (&mut self.paragraph, attribute(start, "val")) {
                    paragraph.style = style;
                }
            }
            "numPr" => {
                if let Some(paragraph) = &mut self.paragraph {
                    paragraph.listed = true;
                }
            }
            "t" => self.in_text = true,
            "br" | "cr" => self.push("\n"),
            "tab" if self.paragraph.as_ref().is_some_and(|paragraph| !paragraph.text.is_empty()) => self.push(" "),
            "noBreakHyphen" => self.push("-"),
            "sym" => match attribute(start, "char").map(|code| code.to_ascii_uppercase()).as_deref() {
                Some("F0FE" | "F0FD" | "F0FC" | "F0FB" | "F078" | "F052" | "F053" | "F054" | "F050" | "F0D6") => {
                    self.push("\u{2612}")
                }
                Some("F0A8" | "F06F" | "F0A3" | "F02A" | "F071" | "F072") => self.push("\u{2610}"),
                _ => {}
            },
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "p" => self.end_paragraph(),
            "tc" => {
                if let Some(table) = self.tables.last_mut()
                    && let Some(cell) = table.cell.take()
                {
                    table.row.push(TableCell { text: cell.lines.join("\n"), span: cell.span, merge: cell.merge });
                }
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    let row = std::mem::take(&mut table.row);
                    if !row.is_empty() {
                        table.rows.push(row);
                    }
                }
            }
            "tbl" => {
                if let Some(table) = self.tables.pop() {
                    self.made += 1;
                    self.paragraph = table.around;
                    self.blocks.push(Block::Table(Table { number: self.made, rows: table.rows }));
                }
            }
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let Some(mut paragraph) = self.paragraph.take() else { return };
        paragraph.text = paragraph
            .text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        if let Some(cell) = self.cell() {
            cell.lines.extend(paragraph.text.lines().map(str::to_owned));
        } else if !paragraph.text.is_empty() && self.tables.is_empty() {
            self.blocks.push(Block::Paragraph(paragraph));
        }
    }
}
