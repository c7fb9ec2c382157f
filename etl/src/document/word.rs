//! A Word document as blocks in their order: paragraphs with their style, and tables with merged cells carried down.

use super::archive::Archive;
use super::word_xml;

/// A paragraph or a table.
#[derive(Clone, Debug)]
pub enum Block {
    /// Text outside tables.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
}

/// One paragraph.
#[derive(Clone, Debug, Default)]
pub struct Paragraph {
    /// Name of its style, e.g. `Heading2`; empty for plain text.
    pub style: String,
    /// It is an item of a list.
    pub listed: bool,
    /// Its text, trimmed; soft line breaks are line ends.
    pub text: String,
}

impl Paragraph {
    /// Level of a heading, 1 the highest.
    pub fn heading(&self) -> Option<u8> {
        let style = self.style.to_ascii_lowercase();
        if style == "title" {
            return Some(0);
        }
        style
            .strip_prefix("heading")
            .and_then(|level| level.trim().chars().next()?.to_digit(10))
            .and_then(|level| u8::try_from(level).ok())
    }
}

/// How a cell hangs together with the one above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Merge {
    /// It does not.
    #[default]
    None,
    /// It is the first of cells merged downwards.
    Start,
    /// It continues the one above.
    Continue,
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub struct TableCell {
    /// Its lines.
    pub text: String,
    /// Grid columns it spans.
    pub span: usize,
    /// Vertical merge.
    pub merge: Merge,
}

/// One table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Number in the document, from 1.
    pub number: usize,
    /// Rows as written.
    pub rows: Vec<Vec<TableCell>>,
}

impl Table {
    /// Rows by grid column: a spanning cell stands in its first column, a merged one in each of its rows.
    pub fn cells(&self) -> Vec<Vec<String>> {
        let mut above: Vec<String> = Vec::new();
        let mut all = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let mut cells = Vec::new();
            for cell in row {
                let text = if cell.merge == Merge::Continue && cell.text.is_empty() {
                    above.get(cells.len()).cloned().unwrap_or_default()
                } else {
                    cell.text.clone()
                };
                cells.push(text);
                for _ in 1..cell.span.clamp(1, 64) {
                    cells.push(String::new());
                }
            }
            above.clone_from(&cells);
            all.push(cells);
        }
        all
    }
}

/// A document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its blocks.
    pub blocks: Vec<Block>,
}

impl Document {
    /// Reads it.
    pub fn read(archive: &Archive) -> Result<Self, String> {
        let content = archive.part("word/document.xml")?;
        Ok(Self { blocks: word_xml::blocks(&content)? })
    }

    /// Its tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Paragraph(_) => None,
        })
    }
}
