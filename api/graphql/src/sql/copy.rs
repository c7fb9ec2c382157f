//! Statements for COPY, which takes no parameters. Values are first stored in settings of the
//! connection, which the statement then reads.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};

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
}

impl QueryFragment<Pg> for CopyStatement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&self.sql);
        Ok(())
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
