//! Reads the tables of a workbook or CSV file, and reports what in them is hidden, merged, or not
//! read.

use hotwash_documents::archive::Archive;
use hotwash_documents::grid::{self, Grid, GridCell, GridRow, MOST_COLUMNS, Visibility};
use hotwash_documents::input::Input;
use hotwash_documents::sheet_xml::{cell_name, column_name};

use super::column_counter::{ColumnCounter, Heading};
use super::column_usage::ColumnFate;
use super::grid_rows::GridRecord;
use super::{SourceError, is_own_header};
use crate::code::WarningCode;
use crate::inspect::trace;
use crate::load::Sink;
use crate::reading::headings::{Columns, Section, key, lists};
use crate::reading::person::without_person;
use crate::reading::time::Order;

/// Maximum number of cells or rows listed in a warning.
const MOST_LISTED: usize = 12;

/// Returns all tables of a workbook or CSV file, with the archive of a workbook. Very hidden sheets
/// are empty, and reported.
pub fn read(input: &Input, sink: &mut Sink) -> Result<(Vec<Grid>, Option<Archive>), SourceError> {
    let mut magic = [0_u8; 2];
    std::io::Read::read(&mut input.raw()?, &mut magic)?;
    if &magic == b"PK" {
        let archive = Archive::open(input)?;
        let grids = grid::sheets(&archive, usize::MAX)?;
        report_very_hidden(&grids, sink);
        report_beyond(&grids, sink);
        return Ok((grids, Some(archive)));
    }
    let grids = vec![grid::csv_grid(input, usize::MAX, is_own_header)?];
    report_beyond(&grids, sink);
    Ok((grids, None))
}

/// Reports cells beyond the last column that is read.
fn report_beyond(grids: &[Grid], sink: &mut Sink) {
    for grid in grids {
        let Some((row, column)) = grid.beyond else { continue };
        let message = format!(
            "has cells beyond column {}, the first being {}, which are not read; move them to the \
             left or delete them",
            column_name(MOST_COLUMNS as usize - 1),
            cell_name(row, column)
        );
        let sheet = Some(grid.name.as_str()).filter(|name| !name.is_empty());
        sink.warn(WarningCode::CellsBeyond, None, sheet, &message, row);
    }
}

/// Minimum number of rows, and of filled cells in each, at which an unread sheet may hold records.
const LEAST_TABLE: (usize, usize) = (2, 3);

/// Warns of sheets without the headings of a source, if they have rows that may be records. `remedy`
/// completes the message.
pub fn report_unread(
    grids: &[Grid],
    is_read: impl Fn(&Grid) -> bool,
    remedy: &str,
    sink: &mut Sink,
) {
    let (rows, cells) = LEAST_TABLE;
    let filled =
        |row: &&GridRow| row.cells().iter().filter(|cell| !cell.is_empty()).count() >= cells;
    let unread = grids.iter().filter(|grid| !grid.name.is_empty() && !is_read(grid));
    for grid in unread.filter(|grid| grid.rows.iter().filter(filled).count() >= rows) {
        let message = format!("{remedy}, or load the sheet as a file of its own");
        sink.warn(WarningCode::UnreadSheet, None, Some(&grid.name), &message, 0);
    }
}

/// Reports very hidden sheets, which users cannot see; they are not read.
pub fn report_very_hidden(grids: &[Grid], sink: &mut Sink) {
    for grid in grids.iter().filter(|grid| grid.visibility == Visibility::VeryHidden) {
        let message = "is very hidden, as the templates of a form are, and was not read; make it \
            visible if it holds records";
        sink.warn(WarningCode::VeryHiddenSheet, None, Some(&grid.name), message, 0);
    }
}

/// Reports what a print of the sheet would not show: hidden rows and columns, merged cells, missing
/// values. Hidden rows, columns and sheets are read nevertheless.
pub fn report_sheet(grid: &Grid, index: usize, sink: &mut Sink) {
    let rows = &grid.rows[index + 1..];
    let headings = &grid.rows[index];
    let heading = |column: usize| headings.cell(column).text();
    let sheet = Some(grid.name.as_str()).filter(|name| !name.is_empty());
    if grid.visibility == Visibility::Hidden {
        sink.warn(
            WarningCode::HiddenSheet,
            None,
            sheet,
            "is hidden; its rows are read all the same: delete the sheet if they do not count",
            0,
        );
    }
    let is_filled = |number: &u64| rows.binary_search_by_key(number, |row| row.number).is_ok();
    let hidden: Vec<u64> = grid.notes.hidden_rows.iter().copied().filter(is_filled).collect();
    if let Some(first) = hidden.first() {
        let by = if grid.notes.is_filtered { "hidden, by a filter or by hand" } else { "hidden" };
        let listed = listed(hidden.len(), hidden.iter().map(u64::to_string));
        let are = if hidden.len() == 1 { "is" } else { "are" };
        let message = format!(
            "{} {listed} {are} {by}; read all the same: delete what does not count",
            plural("row", hidden.len())
        );
        sink.warn(WarningCode::HiddenRows, None, sheet, &message, *first);
    }
    let has_data = |column: usize| rows.iter().any(|row| !row.cell(column).is_empty());
    for column in grid.notes.hidden_columns.iter().copied().filter(|column| has_data(*column)) {
        let message = format!("column {} is hidden; it is read all the same", column_name(column));
        sink.warn(
            WarningCode::HiddenColumn,
            Some(&heading(column)),
            sheet,
            &message,
            headings.number,
        );
    }
    let unsaved: Vec<&(u64, usize)> =
        grid.notes.unsaved.iter().filter(|(row, _)| *row > headings.number).collect();
    if let Some((row, _)) = unsaved.first() {
        let names = unsaved.iter().map(|(row, column)| cell_name(*row, *column));
        let message = format!(
            "{} {} a formula whose value was not saved, and {} read as empty; open the workbook in \
             Excel or LibreOffice, save it \
             and load it again",
            listed(unsaved.len(), names),
            if unsaved.len() == 1 { "holds" } else { "hold" },
            if unsaved.len() == 1 { "is" } else { "are" },
        );
        sink.warn(WarningCode::FormulaWithoutValue, None, sheet, &message, *row);
    }
    for merged in &grid.carried {
        let (first, last) = merged.rows;
        let message = format!(
            "a cell is merged over rows {first} to {last}; its value applies to each of them"
        );
        sink.warn(
            WarningCode::MergedCells,
            Some(&heading(merged.columns.0)),
            sheet,
            &message,
            first,
        );
    }
    for merged in grid.merges.iter().filter(|merged| merged.columns.1 > merged.columns.0) {
        let Ok(at) = rows.binary_search_by_key(&merged.rows.0, |row| row.number) else { continue };
        // A line across the table is not a record.
        let filled = rows[at].cells().iter().filter(|cell| !cell.is_empty()).count();
        let is_headed = (merged.columns.0..=merged.columns.1)
            .filter(|column| !heading(*column).is_empty())
            .count()
            > 1;
        if filled > 1 && is_headed && !rows[at].cell(merged.columns.0).is_empty() {
            let (from, to) = (
                cell_name(merged.rows.0, merged.columns.0),
                cell_name(merged.rows.0, merged.columns.1),
            );
            let message = format!(
                "cells {from} to {to} are merged; their values are read under this heading only"
            );
            sink.warn(
                WarningCode::MergedCells,
                Some(&heading(merged.columns.0)),
                sheet,
                &message,
                merged.rows.0,
            );
        }
    }
}

/// Takes struck-through cells out of the rows below the header, and reports them. A row whose `key`
/// is struck through stays as it is: what it says as a whole decides.
pub fn leave_out_struck(
    grid: &mut Grid,
    index: usize,
    columns: &Columns,
    key: &str,
    sink: &mut Sink,
) {
    let key = columns.index_of(key);
    for row in &mut grid.rows[index + 1..] {
        if key.is_some_and(|key| row.is_struck(key)) {
            continue;
        }
        let number = row.number;
        for (column, cell) in row.take_struck() {
            let heading = columns.headings.get(column).map(String::as_str).unwrap_or_default();
            let value = without_person(&cell.text(), columns.field_at(column));
            let left = row.cell(column).text();
            let message = if left.is_empty() {
                "is struck through, and is read as empty; remove the strikethrough if it still \
                 applies"
            } else {
                "is struck through in part, which is left out; remove the strikethrough if it \
                 still applies"
            };
            if !columns.is_dropped(column) {
                let code = WarningCode::StruckThrough;
                sink.warn(code, Some(heading), value.as_deref(), message, number);
            }
        }
    }
}

/// Lists the first names, and the number of the others.
fn listed(count: usize, names: impl Iterator<Item = String>) -> String {
    let shown = names.take(MOST_LISTED).collect::<Vec<_>>().join(", ");
    if count > MOST_LISTED { format!("{shown} and {} more", count - MOST_LISTED) } else { shown }
}

fn plural(word: &str, count: usize) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// Reports the use of each column of a table with its header at this index. Fields in `unused` are
/// known but not stored. An empty name in `unused` means columns without a heading, which some
/// layouts have.
pub fn report_columns(
    section: Section,
    unused: &[&str],
    grid: &Grid,
    index: usize,
    columns: &Columns,
    sink: &mut Sink,
) {
    trace::sheet(&grid.name);
    let rows = &grid.rows[index + 1..];
    let width = rows
        .iter()
        .map(|row| row.cells().len())
        .chain([columns.headings.len()])
        .max()
        .unwrap_or_default();
    let heading = |column: usize| {
        let name = columns.headings.get(column).cloned().unwrap_or_default();
        let own = columns.field_at(column);
        let meant = own.or_else(|| lists().field_of_heading(section, &name));
        let read_instead =
            meant.filter(|_| own.is_none()).and_then(|field| columns.index_of(field));
        let fate = match (own, meant) {
            (_, Some(field)) if unused.contains(&field) => ColumnFate::Unused,
            (Some(_), _) => ColumnFate::Read,
            _ if columns.is_dropped(column) => ColumnFate::Dropped,
            _ if name.is_empty() && unused.contains(&"") => ColumnFate::Unused,
            _ if name.to_lowercase().starts_with("reject_") => ColumnFate::Unused,
            _ => ColumnFate::Unread,
        };
        Heading { name, fate, field: meant.map(str::to_owned), read_instead }
    };
    let mut column_usage = ColumnCounter::new(
        &grid.name,
        (0..width).map(heading).collect(),
        lists().headings_of(section),
    );
    for row in rows {
        // A line across the table is not a record.
        if row.cells().iter().filter(|cell| !cell.is_empty()).count() > 1 {
            column_usage.row(
                row.number,
                |column| !row.cell(column).is_empty(),
                |column| row.cell(column).text().into(),
            );
        }
    }
    column_usage.close(sink);
    report_sheet(grid, index, sink);
    for column in (0..width).filter(|column| columns.field_at(*column).is_some()) {
        warn_of_errors(&columns.headings[column], column, rows, sink);
        let texts = rows.iter().filter_map(|row| match row.cell(column) {
            GridCell::Text(text) => Some((text.as_str(), row.number)),
            _ => None,
        });
        warn_of_day_first(&columns.headings[column], texts, sink);
    }
}

/// Warns of a column in which cells hold an error of the spreadsheet in place of a value.
fn warn_of_errors(heading: &str, column: usize, rows: &[GridRow], sink: &mut Sink) {
    let wrong: Vec<&GridRow> = rows.iter().filter(|row| row.cell(column).is_error()).collect();
    let Some(first) = wrong.first() else { return };
    let names = wrong.iter().map(|row| cell_name(row.number, column));
    let message = format!(
        "{} {} an error of the spreadsheet, and {} read as empty; correct the formula and load the \
         file again",
        listed(wrong.len(), names),
        if wrong.len() == 1 { "holds" } else { "hold" },
        if wrong.len() == 1 { "is" } else { "are" },
    );
    let value = first.cell(column).text();
    sink.warn(WarningCode::ErrorCell, Some(heading), Some(&value), &message, first.number);
}

/// Splits sheets where a second table with other columns begins below the first one. `header` finds
/// the header of a sheet; the fields of `needed` are those of every header.
pub fn split_tables(
    grids: Vec<Grid>,
    section: Section,
    needed: &[&str],
    header: impl Fn(&Grid) -> Option<(usize, Columns)>,
) -> Vec<Grid> {
    let mut split = Vec::new();
    for mut grid in grids {
        while let Some((first, columns)) = header(&grid) {
            let headings =
                |row: &GridRow| -> Vec<String> { row.cells().iter().map(GridCell::text).collect() };
            let begins = |row: &GridRow| {
                let texts = headings(row);
                let other = lists().columns(section, texts.iter().map(String::as_str));
                let exact =
                    texts.iter().filter(|text| lists().field(section, text).is_some()).count();
                exact >= 3
                    && other.has(needed)
                    && needed.iter().any(|field| other.index_of(field) != columns.index_of(field))
            };
            let Some(next) = (first + 1..grid.rows.len()).find(|at| begins(&grid.rows[*at])) else {
                break;
            };
            // Lines of one cell above it are its title.
            let is_title =
                |row: &GridRow| row.cells().iter().filter(|cell| !cell.is_empty()).count() == 1;
            let title = grid.rows[first + 1..next].iter().rev().take_while(|row| is_title(row));
            let rows = grid.rows.split_off(next - title.count());
            let rest = Grid {
                rows,
                name: grid.name.clone(),
                visibility: grid.visibility,
                notes: grid.notes.clone(),
                merges: grid.merges.clone(),
                ..Grid::default()
            };
            split.push(std::mem::replace(&mut grid, rest));
        }
        split.push(grid);
    }
    split
}

/// Returns whether a row repeats the header, as on each printed page: all its filled cells repeat
/// their headings.
pub fn is_repeated_header(record: &GridRecord<'_>) -> bool {
    let mut filled = record.row.cells().iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    let repeats = |(column, cell): (usize, &GridCell)| {
        record.columns.headings.get(column).is_some_and(|own| key(own) == key(&cell.text()))
    };
    !record.row.cells().is_empty() && filled.all(repeats)
}

/// Warns of a row with a single filled cell, if the cell is in a column that is read. Such a row is
/// taken as a title or a note.
pub fn report_lone_cell(record: &GridRecord<'_>, sink: &mut Sink) {
    let mut filled = record.row.cells().iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    let (Some((column, cell)), None) = (filled.next(), filled.next()) else { return };
    if record.columns.field_at(column).is_none() {
        return;
    }
    let message = "is the only filled cell of its row, which was taken as a note and not read; fill \
        in the other cells if the row is a record";
    let heading = &record.columns.headings[column];
    sink.warn(WarningCode::LoneCell, Some(heading), Some(&cell.text()), message, record.row.number);
}

/// Warns of a column in which some dates are readable only day first, and others are read month
/// first.
pub fn warn_of_day_first<'a>(
    heading: &str,
    texts: impl Iterator<Item = (&'a str, u64)>,
    sink: &mut Sink,
) {
    let mut day_first: Option<(&str, u64)> = None;
    let mut either: Option<(&str, usize)> = None;
    for (text, row) in texts {
        match Order::of(text) {
            Some(Order::DayFirst) => day_first = day_first.or(Some((text, row))),
            Some(Order::Either) => {
                either = Some(either.map_or((text, 1), |(first, count)| (first, count + 1)))
            }
            _ => {}
        }
    }
    if let (Some((text, number)), Some((other, count))) = (day_first, either) {
        let message = format!(
            "is read day first, and {count} dates of this column, such as {other}, month first; \
             write dates as 2025-06-30"
        );
        sink.warn(WarningCode::DayFirstDate, Some(heading), Some(text), &message, number);
    }
}
