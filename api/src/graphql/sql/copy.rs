//! Statements for COPY, which takes no parameters: values are bound into settings of the connection
//! first, and the statement reads them from there.

use diesel::QueryResult;

use super::render::{Out, Render as _};
use super::select::Select;
use super::value::Value;

/// Statement without parameters, with the settings that it reads.
#[derive(Clone, Debug, Default)]
pub struct CopyStatement {
    /// Text; reads `hotwash.v1`, `hotwash.v2`… for its values.
    pub sql: String,
    /// Values of the settings, in order.
    pub values: Vec<String>,
}

impl CopyStatement {
    /// Command that sets the settings, with the values as its one parameter, a `text[]`.
    pub const SET: &'static str = "select count(set_config('hotwash.v' || place, value, false)) \
        from unnest($1::text[]) with ordinality as list (value, place)";

    /// Statement of a tree.
    pub fn of(select: &Select) -> Self {
        let mut statement = Self::default();
        // Nothing is bound through Diesel, so nothing fails.
        let _ = select.render(&mut statement);
        statement
    }

    /// Command that gives the rows as CSV with a heading.
    pub fn csv(&self) -> String {
        ["copy (", &self.sql, ") to stdout with (format csv, header true)"].concat()
    }

    /// Command that gives each row as a JSON object in one line: no JSON contains the delimiter and
    /// the quotation mark, so lines stay as they are.
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
