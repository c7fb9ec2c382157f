//! A tracker as an office program opens and saves it.

use std::path::Path;

use chrono::{Datelike, NaiveDate};
use hotwash_documents::archive::Archive;
use hotwash_documents::grid::{Grid, GridCell, sheets};
use hotwash_documents::input::Input;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

use crate::warehouse::{BOARD, CLOCK, REPEATER, day};

/// A tracker opened in a spreadsheet program, which stores what it shows and little else.
#[derive(Clone)]
pub struct Copy {
    pub sheets: Vec<Grid>,
    pub saved_on: NaiveDate,
}

impl Copy {
    pub fn open(file: &Path) -> Self {
        let archive = Archive::open(&Input::open(file).unwrap()).unwrap();
        Self { sheets: sheets(&archive, usize::MAX).unwrap(), saved_on: day("2025-06-05") }
    }

    pub fn on(mut self, saved_on: &str) -> Self {
        self.saved_on = day(saved_on);
        self
    }

    /// Returns the index of the header.
    pub fn header(&self) -> usize {
        let is_header = |row: &hotwash_documents::grid::GridRow| row.cell(0).text() == "Hotwash ID";
        self.sheets[0].rows.iter().position(is_header).unwrap()
    }

    pub fn column(&self, heading: &str) -> usize {
        let header = &self.sheets[0].rows[self.header()];
        header.cells().iter().position(|cell| cell.text() == heading).unwrap()
    }

    /// Returns the index of the row with an action.
    pub fn row(&self, action: &str) -> usize {
        let column = self.column("Corrective Action");
        let rows = &self.sheets[0].rows;
        rows.iter().rposition(|row| row.cell(column).text() == action).unwrap()
    }

    pub fn value(&self, action: &str, heading: &str) -> String {
        self.sheets[0].rows[self.row(action)].cell(self.column(heading)).text()
    }

    /// Writes a cell; dates as a program stores them.
    pub fn set(mut self, action: &str, heading: &str, value: &str) -> Self {
        let (row, column) = (self.row(action), self.column(heading));
        self.replace(row, column, value);
        self
    }

    pub fn replace(&mut self, row: usize, column: usize, value: &str) {
        let old = &self.sheets[0].rows[row];
        let mut cells: Vec<GridCell> =
            (0..old.cells().len().max(column + 1)).map(|at| old.cell(at).clone()).collect();
        cells[column] = match value.parse::<NaiveDate>() {
            Ok(day) => GridCell::Moment(day.and_hms_opt(0, 0, 0).unwrap()),
            Err(_) if value.is_empty() => GridCell::Empty,
            Err(_) => GridCell::Text(value.to_owned()),
        };
        self.sheets[0].rows[row] = hotwash_documents::grid::GridRow::of(old.number, cells);
    }

    pub fn without(mut self, action: &str) -> Self {
        let row = self.row(action);
        self.sheets[0].rows.remove(row);
        self
    }

    pub fn reversed(mut self) -> Self {
        let first = self.header() + 1;
        self.sheets[0].rows[first..].reverse();
        self
    }

    /// Adds a row below the table.
    pub fn with_new(mut self, cells: &[(&str, &str)]) -> Self {
        self.sheets[0].rows.push(hotwash_documents::grid::GridRow::of(0, Vec::new()));
        let row = self.sheets[0].rows.len() - 1;
        for (heading, value) in cells {
            let column = self.column(heading);
            self.replace(row, column, value);
        }
        self
    }

    /// Fills in the tracker as an owner does: completes one action, moves another, deletes a third
    /// and adds one, in another order.
    pub fn filled(self) -> Self {
        self.set(BOARD, "Status", "Completed")
            .set(BOARD, "Completed On", "2025-06-03")
            .set(CLOCK, "Due Date", "2025-09-30")
            .without(REPEATER)
            .with_new(&[
                ("Corrective Action", "Train the night shift"),
                ("Due Date", "2025-12-31"),
                ("Status", "In progress"),
            ])
            .reversed()
    }

    /// Returns the bytes of the saved file. Rows lie below one another without gaps.
    pub fn save(&self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let saved = ExcelDateTime::from_ymd(
            self.saved_on.year() as u16,
            self.saved_on.month() as u8,
            self.saved_on.day() as u8,
        );
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&saved.unwrap()));
        let date = Format::new().set_num_format("m/d/yyyy");
        for grid in &self.sheets {
            let sheet = workbook.add_worksheet();
            sheet.set_name(&grid.name).unwrap().set_hidden(grid.name == "hotwash");
            for (row, cells) in (0..).zip(&grid.rows) {
                for (column, cell) in (0..).zip(cells.cells()) {
                    match cell {
                        GridCell::Empty => {}
                        GridCell::Moment(at) => {
                            let day = at.date();
                            let day = ExcelDateTime::from_ymd(
                                day.year() as u16,
                                day.month() as u8,
                                day.day() as u8,
                            );
                            let day = day.unwrap();
                            sheet.write_datetime_with_format(row, column, &day, &date).unwrap();
                        }
                        other => {
                            sheet.write_string(row, column, other.text()).unwrap();
                        }
                    }
                }
            }
        }
        workbook.save_to_buffer().unwrap()
    }
}
