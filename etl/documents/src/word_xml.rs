//! Converts WordprocessingML to blocks. Tracked insertions are accepted, deletions removed. Content
//! controls are read through, and check boxes become `☒` or `☐`. Hidden and struck-through text and
//! unanswered prompts (`Choose an item.`) are omitted.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::block::{Block, Merge, Paragraph, TableCell, TableRow, WordTable};
use crate::error::DocumentError;
use crate::text::visible;
use crate::word_styles::outline;
use crate::word_symbols::{MARKED, UNMARKED, in_symbol_font, symbol};
use crate::xml::{attribute, is_on};

/// Maximum nesting of elements; a document has a few dozen.
const DEEPEST: usize = 400;
/// Maximum number of paragraphs and cells; a report of hundreds of pages has a tenth of them.
const MOST_PARTS: usize = 400_000;
/// Maximum number of struck-through passages that are told apart.
const MOST_STRUCK: usize = 200;

/// Counts of content that a reader of the printed document would not see, or see differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordNotes {
    /// Tracked insertions, read as accepted.
    pub insertions: usize,
    /// Tracked deletions, read as removed.
    pub deletions: usize,
    /// Text boxes, read at their anchor.
    pub text_boxes: usize,
    /// Content controls with an unanswered prompt, omitted.
    pub prompts: usize,
    /// Passages of hidden text, omitted.
    pub hidden: usize,
    /// Embedded workbooks and documents, which are not read.
    pub embedded: usize,
    /// Passages of struck-through text, omitted, with the number of their block in the document.
    pub struck: Vec<(u64, String)>,
}

/// Container of paragraphs and tables: the document, a cell, or a text box.
#[derive(Default)]
struct Container {
    blocks: Vec<Block>,
    paragraph: Option<OpenParagraph>,
}

#[derive(Default)]
struct OpenParagraph {
    content: Paragraph,
    /// Number of bold bytes at the beginning of the text, while it is still bold.
    bold: usize,
    plain_met: bool,
}

#[derive(Default)]
struct OpenTable {
    rows: Vec<TableRow>,
    row: TableRow,
    /// Merges of the open cell.
    cell: TableCell,
    is_deleted: bool,
}

/// Content control.
#[derive(Default)]
struct Control {
    /// State of its check box, if it is one.
    checked: Option<bool>,
    /// Its text is an unanswered prompt.
    is_prompt: bool,
    /// It has shown text.
    has_text: bool,
}

#[derive(Default)]
struct Converter {
    containers: Vec<Container>,
    tables: Vec<OpenTable>,
    controls: Vec<Control>,
    in_text: bool,
    /// Properties of the run: hidden, bold, in a symbol font.
    hidden: bool,
    bold: bool,
    symbols: bool,
    in_run: bool,
    /// The run is in superscript, as the number of a footnote is.
    is_raised: bool,
    /// Whether the run itself is struck through, and whether its character style is.
    struck: Option<bool>,
    is_style_struck: bool,
    /// Ids of styles whose text is struck through.
    struck_styles: HashSet<String>,
    /// Struck-through text since the last text that was read.
    passage: String,
    /// State of a legacy check box: checked by default, checked.
    box_default: bool,
    box_checked: Option<bool>,
    /// Depth at which omitted content began.
    left_out: Option<usize>,
    counted: usize,
    notes: WordNotes,
}

/// Returns the blocks of `word/document.xml`, whose styles with these ids are struck through, with
/// notes on content that is read differently than
/// it prints.
pub fn blocks(
    xml: &[u8],
    struck_styles: HashSet<String>,
) -> Result<(Vec<Block>, WordNotes), DocumentError> {
    let mut reader = Reader::from_reader(xml);
    let containers = vec![Container::default()];
    let mut state = Converter { containers, struck_styles, ..Converter::default() };
    let mut depth = 0;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        let event = event.map_err(|error| DocumentError::Damaged {
            what: "the document's text is damaged".into(),
            error: error.to_string(),
            program: "Word",
        })?;
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > DEEPEST {
                    let nested = "the document nests its parts too deeply to be a report";
                    return Err(DocumentError::TooLarge(nested.into()));
                }
                if state.left_out.is_none() {
                    state.note(start.local_name().as_ref());
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
            let many = "the document has too many parts to be a report";
            return Err(DocumentError::TooLarge(many.into()));
        }
    }
    // Elements that a damaged document never closed are kept.
    while state.containers.len() > 1 {
        state.close_container();
    }
    state.end_paragraph();
    let notes = state.notes;
    Ok((state.containers.pop().map(|container| container.blocks).unwrap_or_default(), notes))
}

impl Converter {
    fn container(&mut self) -> Option<&mut Container> {
        self.containers.last_mut()
    }

    fn paragraph(&mut self) -> Option<&mut OpenParagraph> {
        self.containers.last_mut()?.paragraph.as_mut()
    }

    /// Counts an element whose content is read differently than it prints.
    fn note(&mut self, name: &str) {
        match name {
            "ins" | "moveTo" => self.notes.insertions += 1,
            "del" | "moveFrom" => self.notes.deletions += 1,
            "txbxContent" => self.notes.text_boxes += 1,
            _ => {}
        }
    }

    /// Returns whether the current run is struck through, by itself or by its style.
    fn is_struck(&self) -> bool {
        let by_style = self.is_style_struck
            || self
                .containers
                .last()
                .and_then(|container| container.paragraph.as_ref())
                .is_some_and(|paragraph| self.struck_styles.contains(&paragraph.content.style));
        self.in_run && self.struck.unwrap_or(by_style)
    }

    /// Notes the struck-through text that ends here.
    fn end_passage(&mut self) {
        let passage = std::mem::take(&mut self.passage);
        let passage = passage.split_whitespace().collect::<Vec<_>>().join(" ");
        if !passage.is_empty() && self.notes.struck.len() < MOST_STRUCK {
            let block = self.containers.first().map_or(0, |document| document.blocks.len()) + 1;
            self.notes.struck.push((block as u64, passage));
        }
    }

    fn push(&mut self, text: &str) {
        self.notes.hidden += usize::from(self.hidden && !text.trim().is_empty());
        if self.hidden
            || self.controls.iter().any(|control| control.is_prompt && control.checked.is_none())
        {
            return;
        }
        if let Some(control) = self.controls.last_mut()
            && !text.trim().is_empty()
        {
            control.has_text = true;
        }
        if self.is_struck() {
            self.passage.push_str(&visible(text));
            return;
        }
        if !text.trim().is_empty() {
            self.end_passage();
        }
        let (bold, symbols, is_raised) = (self.bold, self.symbols, self.is_raised);
        let Some(paragraph) = self.paragraph() else { return };
        // The number of a footnote is no part of the name or date before it.
        let is_note = |letter: char| letter.is_ascii_digit() || matches!(letter, '*' | '\u{2020}');
        if is_raised && !paragraph.content.text.is_empty() && text.trim().chars().all(is_note) {
            return;
        }
        for letter in visible(text).chars() {
            let letter = match letter {
                '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{2002}' | '\u{2003}' => ' ',
                '\u{2018}' | '\u{2019}' => '\'',
                '\u{201c}' | '\u{201d}' => '"',
                '\u{f000}'..='\u{f0ff}' => match symbol(letter as u32) {
                    Some(mark) => mark,
                    None => continue,
                },
                other if symbols => match in_symbol_font(other) {
                    Some(mark) => mark,
                    None => continue,
                },
                other => other,
            };
            paragraph.content.text.push(letter);
        }
        if !text.trim().is_empty() {
            paragraph.plain_met |= !bold;
            if !paragraph.plain_met {
                paragraph.bold = paragraph.content.text.len();
            }
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, depth: usize) {
        match start.local_name().as_ref() {
            // A deleted row is removed with its cells.
            "del"
                if !self.in_run
                    && self.tables.last().is_some_and(|table| table.row.cells.is_empty())
                    && self.paragraph().is_none() =>
            {
                if let Some(table) = self.tables.last_mut() {
                    table.is_deleted = true;
                }
                self.left_out = Some(depth);
            }
            // Deleted text, fallbacks of choices that were already read, field codes, and histories
            // of properties.
            "del" | "moveFrom" | "Fallback" | "instrText" | "rPrChange" | "pPrChange"
            | "tcPrChange" | "trPrChange" | "tblPrChange" | "sectPr" | "delText" | "tblGrid" => {
                self.left_out = Some(depth);
            }
            "OLEObject" | "altChunk" => self.notes.embedded += 1,
            "tbl" => self.tables.push(OpenTable::default()),
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    (table.row, table.is_deleted) = (TableRow::default(), false);
                }
            }
            "tc" => {
                self.counted += 1;
                if let Some(table) = self.tables.last_mut() {
                    table.cell = TableCell { span: 1, ..TableCell::default() };
                }
                self.containers.push(Container::default());
            }
            "txbxContent" => self.containers.push(Container::default()),
            "gridBefore" => {
                let columns =
                    attribute(start, "val").and_then(|text| text.parse().ok()).unwrap_or(0);
                if let Some(table) = self.tables.last_mut() {
                    table.row.before = columns;
                }
            }
            "gridSpan" => {
                let span = attribute(start, "val").and_then(|text| text.parse().ok()).unwrap_or(1);
                if let Some(table) = self.tables.last_mut() {
                    table.cell.span = span;
                }
            }
            "vMerge" => {
                let merge = if attribute(start, "val").as_deref() == Some("restart") {
                    Merge::Start
                } else {
                    Merge::Continue
                };
                if let Some(table) = self.tables.last_mut() {
                    table.cell.merge = merge;
                }
            }
            "p" => {
                self.counted += 1;
                self.end_paragraph();
                if let Some(container) = self.container() {
                    container.paragraph = Some(OpenParagraph::default());
                }
            }
            "pStyle" => {
                if let (Some(style), Some(paragraph)) = (attribute(start, "val"), self.paragraph())
                {
                    paragraph.content.style = style;
                }
            }
            "outlineLvl" => {
                if let (Some(level), Some(paragraph)) = (attribute(start, "val"), self.paragraph())
                {
                    paragraph.content.heading = outline(&level);
                }
            }
            "numPr" => {
                if let Some(paragraph) = self.paragraph() {
                    paragraph.content.listed = true;
                }
            }
            "ilvl" => {
                if let (Some(level), Some(paragraph)) = (attribute(start, "val"), self.paragraph())
                {
                    paragraph.content.list_level = level.parse().unwrap_or(0);
                }
            }
            // List number 0 removes a paragraph from the list of its style.
            "numId" if attribute(start, "val").as_deref() == Some("0") => {
                if let Some(paragraph) = self.paragraph() {
                    paragraph.content.listed = false;
                }
            }
            "r" => {
                (self.in_run, self.hidden, self.bold, self.symbols) = (true, false, false, false);
                (self.struck, self.is_style_struck, self.is_raised) = (None, false, false);
            }
            "vanish" if self.in_run => self.hidden = is_on(start),
            "b" if self.in_run => self.bold = is_on(start),
            "rStyle" if self.in_run => {
                let style = attribute(start, "val").unwrap_or_default();
                self.bold |= style == "Strong";
                self.is_style_struck = self.struck_styles.contains(&style);
            }
            "vertAlign" if self.in_run => {
                self.is_raised = attribute(start, "val").as_deref() == Some("superscript");
            }
            "strike" | "dstrike" if self.in_run => {
                self.struck = Some(is_on(start) || self.struck == Some(true));
            }
            "rFonts" if self.in_run => {
                let font = attribute(start, "ascii")
                    .or_else(|| attribute(start, "hAnsi"))
                    .unwrap_or_default();
                self.symbols = font.starts_with("Wingdings") || font == "Webdings";
            }
            "t" => self.in_text = true,
            "br" | "cr" => self.push("\n"),
            "tab"
                if self.paragraph().is_some_and(|paragraph| !paragraph.content.text.is_empty()) =>
            {
                self.push(" ")
            }
            "noBreakHyphen" => self.push("-"),
            "sym" => {
                let code =
                    attribute(start, "char").and_then(|code| u32::from_str_radix(&code, 16).ok());
                if let Some(mark) = code.and_then(symbol) {
                    self.push(mark.encode_utf8(&mut [0; 4]));
                }
            }
            "sdt" => self.controls.push(Control::default()),
            "showingPlcHdr" => {
                if let Some(control) = self.controls.last_mut() {
                    control.is_prompt = is_on(start);
                    self.notes.prompts +=
                        usize::from(control.is_prompt && control.checked.is_none());
                }
            }
            "checkbox" => {
                if let Some(control) = self.controls.last_mut() {
                    control.checked = Some(false);
                }
            }
            "checked" => {
                let is_checked = is_on(start);
                match self.controls.last_mut() {
                    Some(Control { checked: Some(checked), .. }) => *checked = is_checked,
                    _ => self.box_checked = Some(is_checked),
                }
            }
            "checkBox" => (self.box_default, self.box_checked) = (false, None),
            "default" => self.box_default = is_on(start),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "r" => {
                (self.in_run, self.hidden, self.bold, self.symbols) = (false, false, false, false)
            }
            "p" => self.end_paragraph(),
            "checkBox" => {
                let mark =
                    if self.box_checked.unwrap_or(self.box_default) { MARKED } else { UNMARKED };
                self.push(mark.encode_utf8(&mut [0; 4]));
            }
            "sdtContent" => {
                // A checked box without visible text still counts as checked.
                if let Some(Control { checked: Some(checked), has_text: false, .. }) =
                    self.controls.last()
                {
                    let mark = if *checked { MARKED } else { UNMARKED };
                    self.mark(mark);
                }
            }
            "sdt" => drop(self.controls.pop()),
            "tc" => {
                let blocks = self.close_container();
                if let Some(table) = self.tables.last_mut() {
                    let cell = std::mem::take(&mut table.cell);
                    table.row.cells.push(TableCell { blocks, ..cell });
                }
            }
            "txbxContent" => {
                let blocks = self.close_container();
                if let Some(container) = self.container() {
                    container.blocks.extend(blocks);
                }
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    let row = std::mem::take(&mut table.row);
                    if !row.cells.is_empty() && !table.is_deleted {
                        table.rows.push(row);
                    }
                }
            }
            "tbl" => {
                if let Some(table) = self.tables.pop()
                    && let Some(container) = self.container()
                {
                    container.blocks.push(Block::Table(WordTable { rows: table.rows }));
                }
            }
            _ => {}
        }
    }

    /// Writes a mark at the current position, in a new paragraph if none is open.
    fn mark(&mut self, mark: char) {
        let has_paragraph = self.paragraph().is_some();
        if !has_paragraph && let Some(container) = self.container() {
            container.paragraph = Some(OpenParagraph::default());
        }
        self.push(mark.encode_utf8(&mut [0; 4]));
        if !has_paragraph {
            self.end_paragraph();
        }
    }

    /// Closes a cell or text box and returns its content.
    fn close_container(&mut self) -> Vec<Block> {
        self.end_paragraph();
        if self.containers.len() > 1 {
            self.containers.pop().map(|container| container.blocks).unwrap_or_default()
        } else {
            Vec::new()
        }
    }

    fn end_paragraph(&mut self) {
        self.end_passage();
        let Some(container) = self.container() else { return };
        let Some(open) = container.paragraph.take() else { return };
        let mut paragraph = open.content;
        let tidy = |text: &str| {
            text.lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .filter(|line| !line.is_empty())
                .collect::<Vec<_>>()
                .join("\n")
        };
        paragraph.bold = paragraph.text.get(..open.bold).map_or(0, |bold| tidy(bold).len());
        paragraph.text = tidy(&paragraph.text);
        if !paragraph.text.is_empty() {
            container.blocks.push(Block::Paragraph(paragraph));
        }
    }
}
