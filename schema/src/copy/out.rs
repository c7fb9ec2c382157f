//! COPY of the rows of a query.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};

/// Format of the rows that a COPY returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// Binary: each field with its length.
    Binary,
    /// CSV with a header.
    Csv,
    /// Each row as one line of JSON.
    JsonLines,
}

/// COPY of the rows of a query. A COPY takes no values.
pub(super) struct CopyOut<Q> {
    pub query: Q,
    pub format: RowFormat,
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for CopyOut<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (before, after) = match self.format {
            RowFormat::Binary => ("copy (", ") to stdout (format binary)"),
            RowFormat::Csv => ("copy (", ") to stdout (format csv, header true)"),
            // JSON contains neither this delimiter nor this quotation mark, so COPY leaves the
            // lines unchanged.
            RowFormat::JsonLines => (
                "copy (select row_to_json(r) from (",
                ") r) to stdout (format csv, quote E'\\x01', delimiter E'\\x02')",
            ),
        };
        out.push_sql(before);
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(after);
        Ok(())
    }
}
