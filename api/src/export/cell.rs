//! Values of cells in each format. CSV has ISO times, `true` and `false`, and texts that no
//! spreadsheet runs as a formula.

use std::borrow::Cow;
use std::sync::LazyLock;

use hotwash_etl::FORMULA_STARTS;
use hotwash_graphql::scalar::ScalarKind;
use hotwash_graphql::sql::{Expression, parts};

use super::Format;

/// Options of an export.
#[derive(Clone, Copy, Debug)]
pub struct ExportOptions {
    /// Format.
    pub format: Format,
    /// True to write texts of a CSV file as they are, even those that a spreadsheet runs as a
    /// formula.
    pub keeps_formulas: bool,
}

/// Condition of SQL on the code of a text's first character.
static STARTS_FORMULA: LazyLock<String> = LazyLock::new(|| {
    let codes = FORMULA_STARTS.map(|start| u32::from(start).to_string()).join(", ");
    [" in (", &codes, ") then '''' || "].concat()
});

/// Puts an apostrophe before a text that a spreadsheet would run as a formula.
pub fn neutralized(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_STARTS) { ["'", text].concat().into() } else { text.into() }
}

/// Returns a value as the format needs it.
pub(super) fn in_file(value: Expression, kind: ScalarKind, options: ExportOptions) -> Expression {
    let is_csv = options.format == Format::Csv;
    match kind {
        ScalarKind::Texts => text(joined(value), options),
        ScalarKind::Text => text(value.cast(kind.sql()), options),
        ScalarKind::Boolean if is_csv => value.cast("text"),
        ScalarKind::DateTime if is_csv => parts([
            Expression::Sql("(to_json(("),
            value,
            Expression::Sql(") at time zone 'UTC') #>> '{}') || 'Z'"),
        ]),
        ScalarKind::Int | ScalarKind::Long => value.cast(ScalarKind::Long.sql()),
        kind => value.cast(kind.sql()),
    }
}

fn text(value: Expression, options: ExportOptions) -> Expression {
    if options.format != Format::Csv || options.keeps_formulas {
        return value;
    }
    parts([
        Expression::Sql("case when ascii("),
        value.clone(),
        Expression::Sql(")"),
        Expression::Sql(&STARTS_FORMULA),
        value.clone(),
        Expression::Sql(" else "),
        value,
        Expression::Sql(" end"),
    ])
}

/// Joins the texts of a list, because not all formats have lists.
fn joined(list: Expression) -> Expression {
    parts([Expression::Sql("nullif(array_to_string("), list, Expression::Sql(", '; '), '')")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_a_spreadsheet_would_run_gets_an_apostrophe() {
        assert_eq!(neutralized("=1+1"), "'=1+1");
        assert_eq!(neutralized("－2"), "'－2");
        for plain in ["", "1-2", "'=1", "3 hospitals"] {
            assert_eq!(neutralized(plain), plain);
        }
    }
}
