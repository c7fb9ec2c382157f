//! Writes template rows as JSON Lines; comments are objects whose only key is `#`.

use std::io::{BufWriter, Write};

use serde_json::{Map, Value, json};

use super::table::{Wording, write_error};
use super::{CellValue, TableWriter, Template, TemplateError};

/// JSON Lines writer.
pub(super) struct JsonlTable {
    template: &'static Template,
    out: BufWriter<Box<dyn Write + Send>>,
}

impl JsonlTable {
    pub(super) fn open(
        template: &'static Template,
        wording: &Wording,
        out: Box<dyn Write + Send>,
    ) -> Result<Self, TemplateError> {
        let mut table = Self { template, out: BufWriter::with_capacity(256 * 1024, out) };
        for line in wording.lines(template) {
            table.line(&json!({ "#": line }))?;
        }
        Ok(table)
    }

    fn line(&mut self, value: &Value) -> Result<(), TemplateError> {
        serde_json::to_writer(&mut self.out, value)
            .map_err(|error| write_error(self.template, error))?;
        self.out.write_all(b"\n").map_err(|error| write_error(self.template, error))
    }
}

impl TableWriter for JsonlTable {
    fn write(&mut self, row: &[CellValue<'_>]) -> Result<(), TemplateError> {
        let mut object = Map::new();
        for (column, cell) in self.template.columns.iter().zip(row) {
            let value = match cell {
                CellValue::Empty => continue,
                CellValue::Integer(number) => json!(number),
                CellValue::Number(number) => json!(number),
                CellValue::YesNo(yes) => json!(yes),
                other => {
                    let mut text = String::new();
                    other.render(&mut text);
                    Value::String(text)
                }
            };
            object.insert(column.heading.to_owned(), value);
        }
        self.line(&Value::Object(object))
    }

    fn finish(mut self: Box<Self>) -> Result<(), TemplateError> {
        self.out.flush().map_err(|error| write_error(self.template, error))
    }
}
