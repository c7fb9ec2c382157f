//! Writes template rows as CSV with comment lines.

use std::io::Write;

use super::table::{Wording, write_error};
use super::{CellValue, TableWriter, Template, TemplateError};

/// CSV writer.
pub(super) struct CsvTable {
    template: &'static Template,
    writer: csv::Writer<Box<dyn Write + Send>>,
    field: String,
}

impl CsvTable {
    pub(super) fn open(
        template: &'static Template,
        wording: &Wording,
        mut out: Box<dyn Write + Send>,
    ) -> Result<Self, TemplateError> {
        for line in wording.lines(template) {
            writeln!(out, "# {line}").map_err(|error| write_error(template, error))?;
        }
        let mut writer = csv::WriterBuilder::new()
            .comment(Some(b'#'))
            .buffer_capacity(256 * 1024)
            .from_writer(out);
        writer
            .write_record(template.columns.iter().map(|column| column.heading))
            .map_err(|error| write_error(template, error))?;
        Ok(Self { template, writer, field: String::new() })
    }
}

impl TableWriter for CsvTable {
    fn write(&mut self, row: &[CellValue<'_>]) -> Result<(), TemplateError> {
        for cell in row {
            let written = match cell {
                CellValue::Text(text) => self.writer.write_field(text.as_ref()),
                other => {
                    self.field.clear();
                    other.render(&mut self.field);
                    self.writer.write_field(&self.field)
                }
            };
            written.map_err(|error| write_error(self.template, error))?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(|error| write_error(self.template, error))
    }

    fn finish(mut self: Box<Self>) -> Result<(), TemplateError> {
        self.writer.flush().map_err(|error| write_error(self.template, error))
    }
}
