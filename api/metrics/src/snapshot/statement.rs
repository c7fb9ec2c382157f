//! Statements of a snapshot. The text is a file of `api/metrics/sql`; parts restrict it to some
//! rows. COPY takes no values, so numbers are written into the text.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, Text};

use super::tables::{SourceTable, Touches};

/// Statement for all rows, or for the rows of some keys.
pub(super) struct Restricted<'a> {
    /// Text; a key in braces can be restricted.
    pub sql: &'static str,
    /// Keys of the rows to read; none for all rows.
    pub keys: Option<&'a [i64]>,
}

impl QueryFragment<Pg> for Restricted<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut parts = self.sql.split(['{', '}']);
        out.push_sql(parts.next().unwrap_or_default());
        while let Some(key) = parts.next() {
            match self.keys {
                Some(keys) => {
                    out.push_sql(key);
                    out.push_sql(" = any ('{");
                    for (position, key) in keys.iter().enumerate() {
                        out.push_sql(if position == 0 { "" } else { "," });
                        out.push_sql(&key.to_string());
                    }
                    out.push_sql("}'::bigint[])");
                }
                None => out.push_sql("true"),
            }
            out.push_sql(parts.next().unwrap_or_default());
        }
        Ok(())
    }
}

/// Condition of the rows of table `t` that a snapshot has not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NewRows {
    /// Rows with later keys.
    Behind { key: String, last: i64 },
    /// Rows of later transactions, and of those that ran at that moment.
    Unseen { horizon: i64, moment: String },
}

impl QueryFragment<Pg> for NewRows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Behind { key, last } => {
                out.push_sql("t.");
                out.push_identifier(key)?;
                out.push_sql(" > ");
                out.push_bind_param::<BigInt, _>(last)
            }
            Self::Unseen { horizon, moment } => {
                // A row stores its transaction in 32 bits; ages compare correctly across the
                // wraparound.
                let age = |out: &mut AstPass<'_, 'b, Pg>| {
                    out.push_sql("(select age((");
                    out.push_bind_param::<BigInt, _>(horizon)?;
                    out.push_sql(" % 4294967296)::text::xid))");
                    QueryResult::Ok(())
                };
                out.push_sql("case when age(t.xmin) <= ");
                age(&mut out)?;
                out.push_sql(" then not pg_visible_in_snapshot((");
                out.push_bind_param::<BigInt, _>(horizon)?;
                out.push_sql(" + ");
                age(&mut out)?;
                out.push_sql(" - age(t.xmin))::text::xid8, ");
                out.push_bind_param::<Text, _>(moment)?;
                out.push_sql("::pg_snapshot) end");
                Ok(())
            }
        }
    }
}

/// Statement that returns the keys of derived rows that new rows of a source touch.
pub(super) struct TouchedKeys<'a> {
    pub source: &'a SourceTable,
    pub new: &'a NewRows,
}

impl QueryFragment<Pg> for TouchedKeys<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self.source.touches {
            Touches::By(key) => {
                out.push_sql("select t.");
                out.push_identifier(key)?;
                from(self.source.table, out.reborrow())?;
                self.new.walk_ast(out)
            }
            Touches::Through(sql) => {
                let mut parts = sql.split("{new}");
                out.push_sql(parts.next().unwrap_or_default());
                for part in parts {
                    self.new.walk_ast(out.reborrow())?;
                    out.push_sql(part);
                }
                Ok(())
            }
            Touches::Nothing | Touches::All => Ok(()),
        }
    }
}

/// Statement that counts the new rows of a table.
pub(super) struct CountNew<'a> {
    pub table: &'a str,
    pub new: &'a NewRows,
}

impl QueryFragment<Pg> for CountNew<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("select count(*)");
        from(self.table, out.reborrow())?;
        self.new.walk_ast(out)
    }
}

/// Writes that rows are those of a table, `t`, on a condition that follows.
fn from<'b>(table: &'b str, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    out.push_sql(" from ");
    identifier(table, out.reborrow())?;
    out.push_sql(" t where ");
    Ok(())
}

/// Writes the name of a table with its schema.
fn identifier<'b>(table: &'b str, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    let (schema, name) = table.split_once('.').unwrap_or(("warehouse", table));
    out.push_identifier(schema)?;
    out.push_sql(".");
    out.push_identifier(name)
}

/// Statement that returns the present moment: its first transaction that may still run, its
/// transactions, and the last key of each table.
pub(super) struct Moment<'a>(pub &'a [(String, String)]);

impl QueryFragment<Pg> for Moment<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint, \
             pg_current_snapshot()::text, array[",
        );
        for (position, (table, key)) in self.0.iter().enumerate() {
            out.push_sql(if position == 0 { "" } else { ", " });
            out.push_sql("(select coalesce(max(");
            out.push_identifier(key)?;
            out.push_sql("), 0)::bigint from ");
            identifier(table, out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql("]");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::pg::Pg;
    use diesel::query_builder::QueryFragment;

    use super::super::tables::{SourceTable, Touches};
    use super::{CountNew, NewRows, Restricted, TouchedKeys};

    fn written(statement: &impl QueryFragment<Pg>) -> String {
        debug_query::<Pg, _>(statement).to_string()
    }

    #[test]
    fn a_statement_is_for_all_rows_or_for_some() {
        let sql = "select a from b where {b.c} and d and {b.e}";
        let restricted = |keys| written(&Restricted { sql, keys });
        assert_eq!(restricted(None), "select a from b where true and d and true -- binds: []");
        assert_eq!(
            restricted(Some(&[1, 2])),
            "select a from b where b.c = any ('{1,2}'::bigint[]) and d and b.e = any \
             ('{1,2}'::bigint[]) -- binds: []"
        );
    }

    #[test]
    fn new_rows_are_chosen_by_values_that_are_bound() {
        let new = NewRows::Behind { key: "event_id".into(), last: 7 };
        let count = CountNew { table: "warehouse.milestone", new: &new };
        let counted = r#"select count(*) from "warehouse"."milestone" t where t."event_id" > $1"#;
        assert!(written(&count).starts_with(counted), "{}", written(&count));
        let source = |touches| SourceTable { table: "warehouse.milestone", touches };
        let keys = |touches| written(&TouchedKeys { source: &source(touches), new: &new });
        let by = keys(Touches::By("event_id"));
        let selected = r#"select t."event_id" from "warehouse"."milestone" t where"#;
        assert!(by.starts_with(selected), "{by}");
        let through = keys(Touches::Through("select a where {new} or {new}"));
        let twice = r#"select a where t."event_id" > $1 or t."event_id" > $2"#;
        assert!(through.starts_with(twice), "{through}");
    }
}
