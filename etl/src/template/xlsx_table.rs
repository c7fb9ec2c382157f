//! Writes template rows as an Excel workbook, with notes on the headings and typed dates and
//! numbers.

use std::io::Write;

use chrono::Datelike;
use rust_xlsxwriter::{ExcelDateTime, Format, Note, Workbook, Worksheet, XlsxError};

use super::table::{Wording, write_error};
use super::{CellValue, TableWriter, Template, TemplateError};

/// Excel writer: fills one worksheet and saves it at the end. Excel limits a sheet to 1,048,576
/// rows.
pub(super) struct XlsxTable {
    template: &'static Template,
    out: Box<dyn Write + Send>,
    sheet: Worksheet,
    date: Format,
    row: u32,
}

impl XlsxTable {
    pub(super) fn open(
        template: &'static Template,
        wording: &Wording,
        out: Box<dyn Write + Send>,
    ) -> Result<Self, TemplateError> {
        let mut table = Self {
            template,
            out,
            sheet: Worksheet::new(),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            row: 0,
        };
        table.headings(wording).map_err(|error| write_error(template, error))?;
        Ok(table)
    }

    fn headings(&mut self, wording: &Wording) -> Result<(), XlsxError> {
        self.sheet.set_name(self.template.name)?;
        let comment = Format::new().set_italic().set_font_color("#555555");
        // Lines about columns become notes; the remaining lines are about the file.
        let about_lines = wording
            .lines(self.template)
            .len()
            .saturating_sub(if wording.is_fictional() { 0 } else { self.template.columns.len() });
        for line in wording.lines(self.template).into_iter().take(about_lines) {
            self.sheet.write_string_with_format(self.row, 0, format!("# {line}"), &comment)?;
            self.row += 1;
        }
        let bold = Format::new().set_bold().set_background_color("#E6EDF3");
        for (index, column) in (0_u16..).zip(&self.template.columns) {
            self.sheet.write_string_with_format(self.row, index, column.heading, &bold)?;
            self.sheet.insert_note(
                self.row,
                index,
                &Note::new(column.comment()).set_author("Hotwash").add_author_prefix(false),
            )?;
            self.sheet.set_column_width(
                index,
                (column.heading.len().max(column.example.len().min(40)) + 2) as f64,
            )?;
        }
        self.row += 1;
        self.sheet.set_freeze_panes(self.row, 0)?;
        Ok(())
    }

    fn cells(&mut self, row: &[CellValue<'_>]) -> Result<(), XlsxError> {
        for (index, cell) in (0_u16..).zip(row) {
            match cell {
                CellValue::Empty => {}
                CellValue::Integer(number) => {
                    self.sheet.write_number(self.row, index, *number as f64)?;
                }
                CellValue::Number(number) => {
                    self.sheet.write_number(self.row, index, *number)?;
                }
                CellValue::Date(date) => {
                    let day = ExcelDateTime::from_ymd(
                        u16::try_from(date.year()).unwrap_or(1900),
                        u8::try_from(date.month()).unwrap_or(1),
                        u8::try_from(date.day()).unwrap_or(1),
                    )?;
                    self.sheet.write_datetime_with_format(self.row, index, &day, &self.date)?;
                }
                other => {
                    let mut text = String::new();
                    other.render(&mut text);
                    self.sheet.write_string(self.row, index, text)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }
}

impl TableWriter for XlsxTable {
    fn write(&mut self, row: &[CellValue<'_>]) -> Result<(), TemplateError> {
        self.cells(row).map_err(|error| write_error(self.template, error))
    }

    fn finish(mut self: Box<Self>) -> Result<(), TemplateError> {
        let mut workbook = Workbook::new();
        workbook.push_worksheet(self.sheet);
        let bytes = workbook.save_to_buffer().map_err(|error| write_error(self.template, error))?;
        self.out
            .write_all(&bytes)
            .and_then(|()| self.out.flush())
            .map_err(|error| write_error(self.template, error))
    }
}
