//! A Word document as blocks in their order: paragraphs with their style, and tables with merged
//! cells carried down.

use super::archive::Archive;
use super::word_styles::Styles;
use super::word_xml;
pub use super::word_xml::Notes;

/// A paragraph or a table.
#[derive(Clone, Debug)]
pub enum Block {
    /// Text outside tables, or in a cell.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
}

/// One paragraph.
#[derive(Clone, Debug, Default)]
pub struct Paragraph {
    /// Id of its style, e.g. `Heading2`; empty for plain text.
    pub style: String,
    /// Level of a heading, 0 for the title, 1 for the highest.
    pub heading: Option<u8>,
    /// It is an item of a list.
    pub listed: bool,
    /// Level in the list, 0 the outermost.
    pub list_level: u8,
    /// Bytes of its text, from the beginning, that are bold.
    pub bold: usize,
    /// Its text, trimmed; soft line breaks are line ends.
    pub text: String,
}

impl Paragraph {
    /// Level of a heading, 1 the highest.
    pub fn heading(&self) -> Option<u8> {
        self.heading
    }

    /// The bold words it begins with; empty when it begins with plain ones.
    pub fn bold_beginning(&self) -> &str {
        self.text.get(..self.bold.min(self.text.len())).unwrap_or_default().trim()
    }

    /// Whether all of it is bold.
    pub fn is_bold(&self) -> bool {
        !self.text.is_empty() && self.bold >= self.text.len()
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
    /// What it holds.
    pub blocks: Vec<Block>,
    /// Grid columns it spans.
    pub span: usize,
    /// Vertical merge.
    pub merge: Merge,
}

impl TableCell {
    /// Its lines; an item of a list begins with a bullet, so that items can be told apart.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Paragraph(paragraph) if paragraph.listed && !paragraph.text.is_empty() => {
                    lines.push(format!("\u{2022} {}", paragraph.text));
                }
                Block::Paragraph(paragraph) => {
                    lines.extend(paragraph.text.lines().map(str::to_owned))
                }
                Block::Table(table) => {
                    for row in table.cells() {
                        let filled: Vec<String> =
                            row.into_iter().filter(|text| !text.is_empty()).collect();
                        lines.extend((!filled.is_empty()).then(|| filled.join(" ")));
                    }
                }
            }
        }
        lines.join("\n")
    }
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct TableRow {
    /// Grid columns left out before its first cell.
    pub before: usize,
    /// Its cells.
    pub cells: Vec<TableCell>,
}

/// One table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Rows as written.
    pub rows: Vec<TableRow>,
}

impl Table {
    /// Rows by grid column: a spanning cell stands in its first column, a merged one in each of its
    /// rows.
    pub fn cells(&self) -> Vec<Vec<String>> {
        let mut above: Vec<String> = Vec::new();
        let mut all = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let mut cells = vec![String::new(); row.before.min(64)];
            for cell in &row.cells {
                let mut text = cell.text();
                if cell.merge == Merge::Continue && text.is_empty() {
                    text = above.get(cells.len()).cloned().unwrap_or_default();
                }
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

    /// As [`Table::cells`], with the rows below the header laid under it: a row that has as many
    /// cells as the header, but borders drawn elsewhere, has its cells moved below the headings in
    /// their order.
    pub fn cells_under(&self, header: usize) -> Vec<Vec<String>> {
        let mut all = self.cells();
        let starts = |row: &TableRow| {
            let mut at = row.before.min(64);
            row.cells
                .iter()
                .map(|cell| {
                    let start = at;
                    at += cell.span.clamp(1, 64);
                    start
                })
                .collect::<Vec<usize>>()
        };
        let Some(wanted) = self.rows.get(header).map(starts) else { return all };
        for (row, cells) in self.rows.iter().zip(&mut all).skip(header + 1) {
            let own = starts(row);
            if own.len() == wanted.len() && own != wanted {
                let width = cells.len().max(wanted.last().map_or(0, |last| last + 1));
                let mut moved = vec![String::new(); width];
                for (from, to) in own.iter().zip(&wanted) {
                    moved[*to] = std::mem::take(&mut cells[*from]);
                }
                *cells = moved;
            }
        }
        all
    }

    /// Whether it only lays out the page: one cell in each row, holding paragraphs or tables.
    pub fn is_frame(&self) -> bool {
        self.rows.iter().all(|row| row.cells.len() <= 1)
    }
}

/// A document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// What is read otherwise than it prints.
    pub notes: Notes,
}

impl Document {
    /// Reads it.
    pub fn read(archive: &Archive) -> Result<Self, String> {
        let styles = Styles::read(&archive.part("word/styles.xml")?);
        let content = archive.part("word/document.xml")?;
        let (mut blocks, notes) = word_xml::blocks(&content)?;
        for block in &mut blocks {
            styles.apply(block);
        }
        Ok(Self { blocks, notes })
    }

    /// Its tables, those within others too, the outer ones first.
    pub fn tables(&self) -> Vec<&Table> {
        fn gather<'a>(blocks: &'a [Block], found: &mut Vec<&'a Table>) {
            for block in blocks {
                if let Block::Table(table) = block {
                    found.push(table);
                    table
                        .rows
                        .iter()
                        .flat_map(|row| &row.cells)
                        .for_each(|cell| gather(&cell.blocks, found));
                }
            }
        }
        let mut found = Vec::new();
        gather(&self.blocks, &mut found);
        found
    }

    /// Its headings, the first `most`.
    pub fn headings(&self, most: usize) -> Vec<&str> {
        self.blocks
            .iter()
            .filter_map(|block| match block {
                Block::Paragraph(paragraph) if paragraph.heading.is_some() => {
                    Some(paragraph.text.as_str())
                }
                _ => None,
            })
            .take(most)
            .collect()
    }
}
