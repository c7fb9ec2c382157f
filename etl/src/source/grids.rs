//! Reads the tables of a workbook or CSV file, and reports what in them is hidden, merged, or not
//! read.

use hotwash_documents::archive::Archive;
use hotwash_documents::grid::{self, Grid, GridCell, GridRow, Visibility};
use hotwash_documents::input::Input;
use hotwash_documents::sheet_xml::{cell_name, column_name};

use super::column_counter::{ColumnCounter, Heading};
use super::column_usage::ColumnFate;
use super::{SourceError, is_own_header};
use crate::code::WarningCode;
use crate::inspect::trace;
use crate::load::Sink;
use crate::reading::headings::{Columns, Section, lists};
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
        return Ok((grids, Some(archive)));
    }
    Ok((vec![grid::csv_grid(input, usize::MAX, is_own_header)?], None))
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
        warn_of_day_first(&columns.headings[column], column, rows, sink);
    }
}

/// Warns of a column in which some dates are readable only day first, and others are read month
/// first.
fn warn_of_day_first(heading: &str, column: usize, rows: &[GridRow], sink: &mut Sink) {
    let mut day_first: Option<(&str, u64)> = None;
    let mut either: Option<(&str, usize)> = None;
    for row in rows {
        let GridCell::Text(text) = row.cell(column) else { continue };
        match Order::of(text) {
            Some(Order::DayFirst) => day_first = day_first.or(Some((text, row.number))),
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
