//! Tables of cells from the sheets of a workbook or from a CSV file, with their original row
//! numbers.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, DataRef, Reader, SheetVisible, Xlsx};
use chrono::{DurationRound, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

use quick_xml::events::Event;

use crate::archive::Archive;
use crate::clock::Clock;
use crate::delimited::{IsCommentedHeader, Records};
use crate::error::DocumentError;
use crate::input::{Input, decode};
use crate::serial::DateSystem;
use crate::sheet_xml::{self, SheetNotes, Strikes};
use crate::text::{is_error_value, visible, without_guard};

/// Maximum number of non-empty cells in a file.
const MOST_CELLS: usize = 20_000_000;
/// Maximum number of columns; records need none beyond.
pub const MOST_COLUMNS: u32 = 512;

/// Cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum GridCell {
    /// Empty or blank.
    #[default]
    Empty,
    /// Text, trimmed.
    Text(String),
    /// Number.
    Number(f64),
    /// Date, or date and time.
    Moment(NaiveDateTime),
    /// Time of day without a date, or no date at all: a spreadsheet shows the number 0 as both.
    Clock(Clock),
    /// True or false.
    Flag(bool),
}

static NOTHING: GridCell = GridCell::Empty;

impl GridCell {
    fn of_text(text: &str) -> Self {
        let text = without_guard(visible(text));
        let text = text.trim();
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// Returns whether the cell is empty.
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// Returns whether the cell holds an error in place of a value, such as `#REF!`.
    pub fn is_error(&self) -> bool {
        matches!(self, Self::Text(text) if is_error_value(text))
    }

    /// Returns the text as a person would read it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                format!("{number:.0}")
            }
            Self::Number(number) => number.to_string(),
            Self::Moment(at) if at.num_seconds_from_midnight() == 0 => at.date().to_string(),
            Self::Moment(at) if at.second() > 0 => at.format("%Y-%m-%d %H:%M:%S").to_string(),
            Self::Moment(at) => at.format("%Y-%m-%d %H:%M").to_string(),
            Self::Clock(clock) => clock.to_string(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.into(),
        }
    }
}

/// Row.
#[derive(Clone, Debug, Default)]
pub struct GridRow {
    /// Number in the file, from 1.
    pub number: u64,
    /// Date system of the row's serial dates.
    pub dates: DateSystem,
    cells: Vec<GridCell>,
    /// Columns with formulas whose value was not saved.
    unsaved: Vec<usize>,
    /// Columns with struck-through text, with the text that is left.
    struck: Vec<(usize, String)>,
    /// Number of cells in this row of a text file, including empty ones at its end; 0 for a row of
    /// a sheet.
    written: usize,
}

impl GridRow {
    /// Returns a row made from another table's cells.
    pub fn of(number: u64, cells: Vec<GridCell>) -> Self {
        Self { number, cells, ..Self::default() }
    }

    /// Returns the cell of a column; empty beyond the row's end.
    pub fn cell(&self, column: usize) -> &GridCell {
        self.cells.get(column).unwrap_or(&NOTHING)
    }

    /// Returns whether a column has a formula whose value was not saved.
    pub fn is_unsaved(&self, column: usize) -> bool {
        self.unsaved.contains(&column)
    }

    /// Returns whether the entire cell of a column is struck through.
    pub fn is_struck(&self, column: usize) -> bool {
        self.struck.iter().any(|(at, left)| *at == column && left.is_empty())
    }

    /// Takes the struck-through text out of the row's cells. Returns the columns and the cells as
    /// they were.
    pub fn take_struck(&mut self) -> Vec<(usize, GridCell)> {
        let mut taken = Vec::new();
        for (column, left) in std::mem::take(&mut self.struck) {
            let cell = self.cell(column).clone();
            if !cell.is_empty() {
                self.set(column, GridCell::of_text(&left));
                taken.push((column, cell));
            }
        }
        taken
    }

    /// Returns the number of cells in this row of a text file, including empty ones at its end; 0
    /// for a row of a sheet.
    pub fn written(&self) -> usize {
        self.written
    }

    /// Returns all cells up to the last non-empty one.
    pub fn cells(&self) -> &[GridCell] {
        &self.cells
    }

    fn set(&mut self, column: usize, cell: GridCell) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, GridCell::Empty);
        }
        self.cells[column] = cell;
    }
}

/// Table with its non-empty rows.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// Name of the sheet; empty for a CSV file.
    pub name: String,
    /// Non-empty rows in order.
    pub rows: Vec<GridRow>,
    /// Visibility of the sheet.
    pub visibility: Visibility,
    /// Hidden rows and columns, and formulas without values.
    pub notes: SheetNotes,
    /// First filled cell beyond the last column that is read, by row and column.
    pub beyond: Option<(u64, usize)>,
    /// Merged cells.
    pub merges: Vec<Merged>,
    /// Merged cells whose value was copied into each of their rows.
    pub carried: Vec<Merged>,
}

/// Visibility of a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Visible.
    #[default]
    Visible,
    /// Hidden; users can unhide it.
    Hidden,
    /// Hidden from users; only a program can unhide it. Such a sheet is not read.
    VeryHidden,
}

/// Merged cells; columns from 0, rows from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// First and last column.
    pub columns: (usize, usize),
    /// First and last row.
    pub rows: (u64, u64),
}

/// Maximum number of cells filled from merged cells.
const MOST_CARRIED: usize = 2_000_000;

impl Grid {
    /// Returns a table with these rows and no merged cells.
    pub fn of(name: &str, rows: Vec<GridRow>) -> Self {
        Self { name: name.to_owned(), rows, ..Self::default() }
    }

    /// Copies the value of a merged cell into each of its rows below this index; the header is
    /// unchanged.
    pub fn carry_down(&mut self, below: usize) {
        let header = self.rows.get(below).map_or(0, |row| row.number);
        let mut left = MOST_CARRIED;
        for merge in self.merges.clone() {
            let (first, last) = merge.rows;
            let at = self.rows.partition_point(|row| row.number < first);
            let Some(top) = self
                .rows
                .get(at)
                .filter(|row| row.number == first && row.number > header && last > first)
            else {
                continue;
            };
            let column = merge.columns.0;
            let said = top.cell(column).clone();
            if said.is_empty() {
                continue;
            }
            let below = self.rows[at + 1..].iter_mut().take_while(|row| row.number <= last);
            let mut is_carried = false;
            for row in below.filter(|row| row.cell(column).is_empty()) {
                let Some(rest) = left.checked_sub(1) else { return };
                left = rest;
                row.set(column, said.clone());
                is_carried = true;
            }
            self.carried.extend(is_carried.then_some(merge));
        }
    }
}

/// Returns the sheets of a workbook, each with at most `most_rows` non-empty rows.
pub fn sheets(archive: &Archive, most_rows: usize) -> Result<Vec<Grid>, DocumentError> {
    // The library multiplies cell positions without overflow checks; a damaged sheet must not end
    // the load of other files.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read_sheets(archive, most_rows)))
        .unwrap_or(Err(DocumentError::ParserStopped))
}

fn read_sheets(archive: &Archive, most_rows: usize) -> Result<Vec<Grid>, DocumentError> {
    let damaged = |error: &dyn std::fmt::Display| {
        DocumentError::damaged("the workbook cannot be read", error)
    };
    let mut workbook = Xlsx::new(Cursor::new(archive.bytes())).map_err(|error| damaged(&error))?;
    let dates = date_system(archive);
    let mut left = MOST_CELLS;
    let mut grids = Vec::new();
    let is_whole = most_rows == usize::MAX;
    let strikes = if is_whole { Strikes::read(archive) } else { Strikes::default() };
    let has_notes = archive.has_notes || !strikes.is_empty();
    let parts = if has_notes && is_whole { sheet_xml::parts(archive) } else { HashMap::new() };
    for (name, visibility) in visibilities(&workbook) {
        let mut grid = Grid { name: name.clone(), visibility, ..Grid::default() };
        if visibility == Visibility::VeryHidden {
            grids.push(grid);
            continue;
        }
        // A chart sheet has no cells.
        let Ok(mut cells) = workbook.worksheet_cells_reader(&name) else { continue };
        loop {
            let cell = match cells.next_cell() {
                Ok(Some(cell)) => cell,
                Ok(None) => break,
                Err(error) => return Err(damaged(&format!("sheet {name}: {error}"))),
            };
            let (row, column) = cell.get_position();
            let value = value(cell.get_value());
            let number = u64::from(row) + 1;
            if !value.is_empty() && column >= MOST_COLUMNS {
                grid.beyond = grid.beyond.or(Some((number, column as usize)));
            }
            if value.is_empty() || column >= MOST_COLUMNS {
                continue;
            }
            if grid.rows.last().is_none_or(|last| last.number != number) {
                if grid.rows.len() >= most_rows {
                    break;
                }
                grid.rows.push(GridRow { dates, ..GridRow::of(number, Vec::new()) });
            }
            left = left.checked_sub(1).ok_or_else(|| {
                let more = format!("the workbook has more than {MOST_CELLS} filled cells");
                DocumentError::TooLarge(more)
            })?;
            if let Some(last) = grid.rows.last_mut() {
                last.set(column as usize, value);
            }
        }
        drop(cells);
        // Merges are not needed for the beginning of a sheet, by which it is recognized.
        if archive.has_merges && is_whole {
            // An unreadable list of merges merges nothing.
            let merges = workbook.merge_cells_by_sheet_name(&name).unwrap_or_default();
            let merged = merges.iter().map(|area| Merged {
                columns: (area.start.1 as usize, area.end.1 as usize),
                rows: (u64::from(area.start.0) + 1, u64::from(area.end.0) + 1),
            });
            grid.merges = merged.collect();
        }
        if let Some(part) = parts.get(&name) {
            grid.notes = sheet_xml::notes(&archive.part(part)?, &strikes);
            for (number, column) in &grid.notes.unsaved {
                if let Ok(at) = grid.rows.binary_search_by_key(number, |row| row.number) {
                    grid.rows[at].unsaved.push(*column);
                }
            }
            for (number, column, left) in &grid.notes.struck {
                if let Ok(at) = grid.rows.binary_search_by_key(number, |row| row.number) {
                    grid.rows[at].struck.push((*column, left.clone()));
                }
            }
        }
        grids.push(grid);
    }
    Ok(grids)
}

/// Returns the date system of a workbook, as stated in its own part.
fn date_system(archive: &Archive) -> DateSystem {
    let part = archive.part("xl/workbook.xml").unwrap_or_default();
    let mut reader = quick_xml::Reader::from_reader(part.as_slice());
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag))
                if tag.local_name().as_ref() == "workbookPr" =>
            {
                let stated = tag.try_get_attribute("date1904").ok().flatten();
                let is_1904 =
                    stated.is_some_and(|stated| matches!(stated.value.as_ref(), "1" | "true"));
                return if is_1904 { DateSystem::Excel1904 } else { DateSystem::Excel1900 };
            }
            Ok(Event::Eof) | Err(_) => return DateSystem::default(),
            Ok(_) => {}
        }
    }
}

/// Returns the sheets with their visibility.
fn visibilities(workbook: &Xlsx<Cursor<&[u8]>>) -> Vec<(String, Visibility)> {
    let of = |visible| match visible {
        SheetVisible::Visible => Visibility::Visible,
        SheetVisible::Hidden => Visibility::Hidden,
        SheetVisible::VeryHidden => Visibility::VeryHidden,
    };
    workbook.sheets_metadata().iter().map(|sheet| (sheet.name.clone(), of(sheet.visible))).collect()
}

fn value(cell: &DataRef<'_>) -> GridCell {
    match cell {
        DataRef::Int(number) => GridCell::Number(*number as f64),
        DataRef::Float(number) => GridCell::Number(*number),
        DataRef::String(text) => GridCell::of_text(text),
        DataRef::SharedString(text) => GridCell::of_text(text),
        DataRef::Bool(flag) => GridCell::Flag(*flag),
        DataRef::DateTime(at) if at.as_f64() < 1.0 || at.is_duration() => {
            Clock::of_share(at.as_f64())
                .map_or_else(|| GridCell::Number(at.as_f64()), GridCell::Clock)
        }
        DataRef::DateTime(at) => {
            let moment =
                at.as_datetime().and_then(|at| at.duration_round(TimeDelta::seconds(1)).ok());
            moment.map_or_else(|| GridCell::Number(at.as_f64()), GridCell::Moment)
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            let parsed = text.parse::<NaiveDateTime>().ok();
            parsed
                .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))
                .map_or_else(|| GridCell::of_text(text), GridCell::Moment)
        }
        DataRef::Error(error) => GridCell::Text(Data::Error(error.clone()).to_string()),
        DataRef::Empty => GridCell::Empty,
    }
}

/// Returns a CSV file as a grid with at most `most_rows` rows.
pub fn csv_grid(
    input: &Input,
    most_rows: usize,
    is_commented_header: IsCommentedHeader,
) -> Result<Grid, DocumentError> {
    let mut records = Records::open(input, is_commented_header)?;
    let mut grid = Grid::default();
    while grid.rows.len() < most_rows {
        let Some(number) = records.advance()? else { break };
        let mut row = GridRow::of(number, Vec::new());
        row.written = records.record().len();
        for (column, field) in records.record().iter().enumerate() {
            let cell = GridCell::of_text(&decode(field));
            if cell.is_empty() {
                continue;
            }
            if column >= MOST_COLUMNS as usize {
                grid.beyond = grid.beyond.or(Some((number, column)));
                break;
            }
            row.set(column, cell);
        }
        // The beginning of a file, by which it is recognized, can be of any kind.
        if let Some(wrong) = records.open_quote().filter(|_| most_rows == usize::MAX) {
            return Err(wrong.at_row(number));
        }
        if !row.cells.is_empty() {
            grid.rows.push(row);
        }
    }
    Ok(grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_swallowed_by_a_quote_that_nobody_closes_refuse_the_file() {
        let grid = |text: &str, rows| {
            let input = Input::memory("a.csv", text.as_bytes());
            csv_grid(&input, rows, |_| false).map(|grid| grid.rows.len())
        };
        let open = "id,step\nA,\"call the county\nB,buy radios\nC,train\n";
        assert!(
            grid(open, usize::MAX)
                .unwrap_err()
                .to_string()
                .contains("row 2: a quotation mark has no partner")
        );
        assert_eq!(grid(open, 9).unwrap(), 2, "it is recognized all the same");
        let closed = "id,step,who,due,status\nA,\"buy hose,Lynn,2026,Open\nB,train,Salem,2026,Open\nC,\
            call \"us\",Lynn,2026,Open\n";
        assert!(grid(closed, usize::MAX).unwrap_err().to_string().contains("row 2: a quotation"));
        let prose = "id,step,who,due,status\nA,\"buy:\ncots, tents, lamps, radios, vests, food\",Lynn,\
            2026,Open\n";
        assert_eq!(grid(prose, usize::MAX).unwrap(), 2);
        for cut in
            ["id,step\nA,\"call the cou", "id,step\nA,\"call\nthe \"\"cou\"\"", "id,step\nA,\""]
        {
            let refused = grid(cut, usize::MAX).unwrap_err().to_string();
            assert!(
                refused.contains("row 2: a quotation mark has no partner"),
                "{cut:?}: {refused}"
            );
            assert!(refused.contains("cut short"), "{refused}");
        }
        for whole in [
            "id,step\nA,\"call\nthe county\"",
            "id,step\nA,\"call\nthe county\"\n\n",
            "id,step\nA,6\" pipe\nB,x\n",
            "id,step\nA,\"x\"\"\"",
            "id,step\nA,x;\"y",
        ] {
            assert!(grid(whole, usize::MAX).is_ok(), "{whole:?}");
        }
    }
}
