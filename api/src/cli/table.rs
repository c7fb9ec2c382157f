//! Tables for people: aligned columns on a terminal, the same without color in a pipe.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, TableComponent, presets};
use hotwash_etl::visible;

/// Table with headings; columns in `right` are aligned right.
pub struct Listing {
    table: Table,
    right: Vec<bool>,
}

impl Listing {
    /// Creates a table; a heading that begins with `#` marks a column of numbers.
    pub fn new(headings: &[&str]) -> Self {
        let mut table = Table::new();
        table
            .load_preset(presets::UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic);
        for line in [
            TableComponent::HorizontalLines,
            TableComponent::MiddleIntersections,
            TableComponent::LeftBorderIntersections,
            TableComponent::RightBorderIntersections,
        ] {
            table.remove_style(line);
        }
        table.set_header(headings.iter().map(|heading| Cell::new(heading.trim_start_matches('#'))));
        let right: Vec<bool> = headings.iter().map(|heading| heading.starts_with('#')).collect();
        for (column, right) in table.column_iter_mut().zip(&right) {
            if *right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self { table, right }
    }

    /// Adds a row. Characters that would command the terminal are left out.
    pub fn row<I, S>(&mut self, cells: I)
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        let cells = cells.into_iter().map(|cell| Cell::new(visible(&cell.into())));
        let cells: Vec<Cell> = cells.collect();
        debug_assert_eq!(
            cells.len(),
            self.right.len(),
            "a row has as many cells as there are headings"
        );
        self.table.add_row(cells);
    }

    /// Prints it on standard output.
    pub fn print(&self) -> std::io::Result<()> {
        use std::io::Write;
        writeln!(std::io::stdout().lock(), "{}", self.table.trim_fmt())
    }
}

/// Formats a count with its noun: `1 row`, `15,627 rows`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count as i64), if count == 1 { one } else { many })
}

/// Formats an integer with thousands separators: 15,627.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            ["0", "999", "1,000", "-15,627", "1,000,000"],
            [0, 999, 1000, -15_627, 1_000_000].map(grouped)[..]
        );
    }
}
