//! Writes the workbook of a tracker: a protected table for the owner, and a hidden sheet with each
//! row as it was sent.

use chrono::{Datelike, NaiveDate};
use hotwash_schema::day::readable_day;
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, ProtectionOptions, Workbook, Worksheet, XlsxError,
};

use crate::tracker_form::{
    ANSWERED_LABEL, COLUMNS, Entry, FormColumn, SENT_SHEET, STATUSES, SentTracker, TABLE_SHEET,
    YES, status_words,
};

/// Empty rows below the table for new actions.
const NEW_ROWS: u32 = 40;
/// Row of the cell for the day of the answers, from 0.
const ANSWERED_ROW: u32 = 4;
/// Row of the header, from 0.
const HEADER_ROW: u32 = 6;

/// Formats of cells.
struct Formats {
    locked: Format,
    locked_date: Format,
    open: Format,
    open_date: Format,
}

impl Formats {
    fn new() -> Self {
        let cell = || {
            Format::new()
                .set_align(FormatAlign::Top)
                .set_text_wrap()
                .set_border(FormatBorder::Thin)
                .set_border_color("#C9D1D9")
        };
        let date = |format: Format| format.set_num_format("yyyy-mm-dd");
        let open = || cell().set_unlocked().set_background_color("#FFF9E5");
        let locked = || cell().set_background_color("#F3F5F7");
        Self {
            locked: locked(),
            locked_date: date(locked()),
            open: open(),
            open_date: date(open()),
        }
    }

    /// Returns the format of a column's cells, in sent rows or in rows for new actions.
    fn of(&self, column: &FormColumn, is_new: bool) -> &Format {
        let is_open = column.entry.is_editable() || is_new && column.field != "hotwash_id";
        match (is_open, column.entry) {
            (true, Entry::Date | Entry::LockedDate) => &self.open_date,
            (true, _) => &self.open,
            (false, Entry::Date | Entry::LockedDate) => &self.locked_date,
            (false, _) => &self.locked,
        }
    }
}

/// Returns the bytes of the workbook. `title` names the owner or the region.
///
/// # Errors
/// Fails if a text is too long for a cell, or a sheet for a workbook.
pub fn workbook(sent: &SentTracker, title: &str) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook
        .set_properties(&DocProperties::new().set_title(format!("Corrective actions of {title}")));
    table(workbook.add_worksheet(), sent, title)?;
    let hidden = workbook.add_worksheet();
    hidden.set_name(SENT_SHEET)?.set_hidden(true).protect();
    for (row, cells) in (0_u32..).zip(sent.sheet()) {
        for (column, text) in (0_u16..).zip(cells) {
            hidden.write_string(row, column, text)?;
        }
    }
    workbook.save_to_buffer()
}

fn table(sheet: &mut Worksheet, sent: &SentTracker, title: &str) -> Result<(), XlsxError> {
    let formats = Formats::new();
    sheet.set_name(TABLE_SHEET)?;
    introduction(sheet, sent, title, &formats)?;
    let bold = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_border(FormatBorder::Thin)
        .set_background_color("#E6EDF3");
    let first = HEADER_ROW + 1;
    let last = first + sent.rows.len() as u32 + NEW_ROWS - 1;
    for (index, column) in (0_u16..).zip(&COLUMNS) {
        sheet.set_column_width(index, column.width)?;
        sheet.write_string_with_format(HEADER_ROW, index, column.heading, &bold)?;
        for (row, sent_row) in (first..).zip(&sent.rows) {
            let (value, format) = (sent_row.value(column.field), formats.of(column, false));
            cell(sheet, row, index, column, value, format)?;
        }
        for row in last + 1 - NEW_ROWS..=last {
            sheet.write_blank(row, index, formats.of(column, true))?;
        }
        if let Some(validation) = validation(column, sent.asked_on)? {
            sheet.add_data_validation(first, index, last, index, &validation)?;
        }
    }
    sheet.set_freeze_panes(first, 2)?;
    sheet.autofilter(HEADER_ROW, 0, last, COLUMNS.len() as u16 - 1)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(HEADER_ROW, HEADER_ROW)?;
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        delete_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    });
    Ok(())
}

/// Writes the lines above the table.
fn introduction(
    sheet: &mut Worksheet,
    sent: &SentTracker,
    title: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let heading = Format::new().set_bold().set_font_size(14);
    let lines = [
        format!("Corrective actions of {title}"),
        format!(
            "Please answer by {}. Edit the yellow cells: status, due date, day of completion. Write \
             {YES} under No Change if all of a row is still right. Rows that you leave as they are \
             say nothing.",
            readable_day(sent.due_on)
        ),
        "Write new actions below the table, without an ID. You may sort and delete rows; first \
         choose Review > Unprotect Sheet, which needs no password. Keep the IDs."
            .into(),
        "Give organizations and roles only, no names of persons. Save as an Excel workbook (.xlsx) \
         and send it back."
            .into(),
    ];
    sheet.write_string_with_format(0, 0, &lines[0], &heading)?;
    for (row, line) in (1_u32..).zip(&lines[1..]) {
        sheet.write_string(row, 0, line)?;
    }
    sheet.write_string(ANSWERED_ROW, 0, ANSWERED_LABEL)?;
    sheet.write_blank(ANSWERED_ROW, 2, &formats.open_date)?;
    sheet.write_string(ANSWERED_ROW, 3, "the day you saved the file, if you leave it empty")?;
    let validation = date_validation(sent.asked_on)?;
    sheet.add_data_validation(ANSWERED_ROW, 2, ANSWERED_ROW, 2, &validation)?;
    Ok(())
}

fn cell(
    sheet: &mut Worksheet,
    row: u32,
    index: u16,
    column: &FormColumn,
    value: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    let is_date = matches!(column.entry, Entry::Date | Entry::LockedDate);
    match value.parse::<NaiveDate>() {
        Ok(day) if is_date => {
            sheet.write_datetime_with_format(row, index, excel_day(day)?, format)?;
        }
        _ if value.is_empty() => {
            sheet.write_blank(row, index, format)?;
        }
        _ => {
            sheet.write_string_with_format(row, index, value, format)?;
        }
    }
    Ok(())
}

fn excel_day(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        u16::try_from(day.year()).unwrap_or(1900),
        u8::try_from(day.month()).unwrap_or(1),
        u8::try_from(day.day()).unwrap_or(1),
    )
}

/// Returns the rule for the cells of a column that has one.
fn validation(
    column: &FormColumn,
    asked_on: NaiveDate,
) -> Result<Option<DataValidation>, XlsxError> {
    let list = |words: &[&str]| {
        DataValidation::new()
            .allow_list_strings(words)?
            .set_error_title("Not in the list")?
            .set_error_message(format!("Choose {}.", words.join(", ")))
    };
    Ok(match column.entry {
        Entry::Status => Some(list(&STATUSES.map(status_words))?),
        Entry::Confirmation => Some(list(&[YES])?),
        Entry::Date => Some(date_validation(asked_on)?),
        Entry::Locked | Entry::LockedDate => None,
    })
}

/// Returns the rule for dates: a day of the years around the tracker's.
fn date_validation(asked_on: NaiveDate) -> Result<DataValidation, XlsxError> {
    let year = |offset: i32| {
        let year = u16::try_from(asked_on.year() + offset).unwrap_or(1900);
        ExcelDateTime::from_ymd(year, 1, 1)
    };
    DataValidation::new()
        .allow_date(DataValidationRule::Between(year(-20)?, year(30)?))
        .set_error_title("Not a date")?
        .set_error_message("Write a date, such as 2025-03-14.")
}
