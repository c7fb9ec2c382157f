//! Blocks of a Word document: paragraphs with their style, and tables with merged cells copied
//! down.

/// Paragraph or table.
#[derive(Clone, Debug)]
pub enum Block {
    /// Text outside tables, or in a cell.
    Paragraph(Paragraph),
    /// Table.
    Table(WordTable),
}

/// Paragraph.
#[derive(Clone, Debug, Default)]
pub struct Paragraph {
    /// Id of its style, e.g. `Heading2`; empty for plain text.
    pub style: String,
    /// Level of a heading: 0 for the title, 1 for the highest.
    pub heading: Option<u8>,
    /// Item of a list.
    pub listed: bool,
    /// Level in the list; 0 is the outermost.
    pub list_level: u8,
    /// Number of bold bytes at the beginning of its text.
    pub bold: usize,
    /// Text, trimmed; soft line breaks are newlines.
    pub text: String,
}

impl Paragraph {
    /// Returns the level of a heading; 1 is the highest.
    pub fn heading(&self) -> Option<u8> {
        self.heading
    }

    /// Returns the bold words at the beginning; empty if there are none.
    pub fn bold_beginning(&self) -> &str {
        self.text.get(..self.bold.min(self.text.len())).unwrap_or_default().trim()
    }

    /// Returns whether the entire text is bold.
    pub fn is_bold(&self) -> bool {
        !self.text.is_empty() && self.bold >= self.text.len()
    }
}

/// Vertical merge of a cell with the one above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Merge {
    /// Not merged.
    #[default]
    None,
    /// First of vertically merged cells.
    Start,
    /// Continuation of the cell above.
    Continue,
}

/// Cell.
#[derive(Clone, Debug, Default)]
pub struct TableCell {
    /// Content.
    pub blocks: Vec<Block>,
    /// Number of grid columns it spans.
    pub span: usize,
    /// Vertical merge.
    pub merge: Merge,
}

impl TableCell {
    /// Returns its lines; list items begin with a bullet, so that they can be distinguished.
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

/// Row.
#[derive(Clone, Debug, Default)]
pub struct TableRow {
    /// Number of grid columns before its first cell.
    pub before: usize,
    /// Cells.
    pub cells: Vec<TableCell>,
}

/// Table.
#[derive(Clone, Debug, Default)]
pub struct WordTable {
    /// Rows as written.
    pub rows: Vec<TableRow>,
}

impl WordTable {
    /// Returns the rows by grid column. A spanning cell is in its first column, a merged one in
    /// each of its rows.
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

    /// Returns the rows like [`WordTable::cells`], aligned with the header. If a row has as many
    /// cells as the header but other borders, its cells are moved below the headings in order.
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

    /// Returns whether the table is only page layout: one cell per row, containing paragraphs or
    /// tables.
    pub fn is_frame(&self) -> bool {
        self.rows.iter().all(|row| row.cells.len() <= 1)
    }
}
