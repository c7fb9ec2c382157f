//! Statements for COPY, which takes no parameters. Values are first stored in settings of the
//! connection, which the statement then reads.

use diesel::QueryResult;

use super::render::{Out, Render as _};
use super::tree::Select;
use super::value::Value;

/// Statement without parameters, and the settings that it reads.
#[derive(Clone, Debug, Default)]
pub struct CopyStatement {
    /// Text; reads `hotwash.v1`, `hotwash.v2`… for its values.
    pub sql: String,
    /// Values of the settings, in order.
    pub values: Vec<String>,
}

impl CopyStatement {
    /// Returns the command that stores the values in settings. Its only parameter is a `text[]`.
    pub const SET: &'static str = "select count(set_config('hotwash.v' || place, value, false)) \
        from unnest($1::text[]) with ordinality as list (value, place)";

    /// Creates the statement from a tree.
    pub fn of(select: &Select) -> Self {
        let mut statement = Self::default();
        // Rendering cannot fail here, because Diesel binds no value.
        let _ = select.render(&mut statement);
        statement
    }

    /// Returns the command that exports the rows as CSV with a header.
    pub fn csv(&self) -> String {
        ["copy (", &self.sql, ") to stdout with (format csv, header true)"].concat()
    }

    /// Returns the command that exports each row as one line of JSON. JSON contains neither this
    /// delimiter nor this quotation mark, so COPY leaves the lines unchanged.
    pub fn json_lines(&self) -> String {
        [
            "copy (select row_to_json(r) from (",
            &self.sql,
            ") r) to stdout with (format csv, quote E'\\x01', delimiter E'\\x02')",
        ]
        .concat()
    }
}

impl<'b> Out<'b> for CopyStatement {
    fn sql(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    fn value(&mut self, value: &'b Value) -> QueryResult<()> {
        self.values.push(value.text());
        let number = self.values.len().to_string();
        for piece in ["(current_setting('hotwash.v", &number, "'))::", value.type_name()] {
            self.sql.push_str(piece);
        }
        Ok(())
    }
}
