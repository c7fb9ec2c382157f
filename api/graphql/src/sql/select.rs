//! The statement: columns, tables, conditions, groups, order.

use diesel::QueryResult;

use super::condition::Condition;
use super::expression::Expression;
use super::render::{Out, Render, separated};

/// Table, or a subquery.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Table with its alias.
    Table(&'static str, String),
    /// Subquery with its alias.
    Select(Box<Select>, String),
}

/// Kind of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Inner join.
    Inner,
    /// Left join.
    Left,
    /// Left lateral join: the subquery may use the tables before it.
    LeftLateral,
}

/// Join of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// Kind.
    pub kind: JoinKind,
    /// Joined source.
    pub source: Source,
    /// Condition.
    pub on: Condition,
}

/// Names of a statement's columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Names {
    /// Names chosen by Postgres.
    #[default]
    None,
    /// `c` with each of these numbers, for [`Expression::Output`].
    Numbered(Vec<usize>),
    /// These names.
    Listed(Vec<&'static str>),
}

/// Term of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Expression.
    pub by: Expression,
    /// Direction and position of empty values, e.g. `desc nulls last`.
    pub direction: &'static str,
}

/// Statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Select {
    /// Columns; `1` when there are none.
    pub columns: Vec<Expression>,
    /// Names of the columns.
    pub names: Names,
    /// First table.
    pub from: Option<Source>,
    /// Further tables.
    pub joins: Vec<Join>,
    /// Conditions on rows; all must be true.
    pub conditions: Vec<Condition>,
    /// Group keys.
    pub groups: Vec<Expression>,
    /// Conditions on groups; all must be true.
    pub having: Vec<Condition>,
    /// Order.
    pub order: Vec<Order>,
    /// Maximum number of rows. Part of the text, because Postgres plans by it.
    pub limit: Option<i64>,
}

impl Render for Source {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        match self {
            Self::Table(table, alias) => {
                out.sql(table);
                out.sql(" ");
                out.sql(alias);
            }
            Self::Select(select, alias) => {
                out.sql("(");
                select.render(out)?;
                out.sql(") ");
                out.sql(alias);
            }
        }
        Ok(())
    }
}

impl Render for Join {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        out.sql(match self.kind {
            JoinKind::Inner => " join ",
            JoinKind::Left => " left join ",
            JoinKind::LeftLateral => " left join lateral ",
        });
        self.source.render(out)?;
        out.sql(" on ");
        self.on.render(out)
    }
}

impl Render for Order {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        self.by.render(out)?;
        out.sql(" ");
        out.sql(self.direction);
        Ok(())
    }
}

impl Render for Select {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        out.sql("select ");
        if self.columns.is_empty() {
            out.sql("1");
        }
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                out.sql(", ");
            }
            column.render(out)?;
            match &self.names {
                Names::None => {}
                Names::Numbered(numbers) => {
                    let number = numbers.get(at).copied().unwrap_or(at);
                    out.sql(&[" as c", &number.to_string()].concat());
                }
                Names::Listed(names) => {
                    let name = names.get(at).copied().unwrap_or_default();
                    out.sql(&[" as \"", name, "\""].concat());
                }
            }
        }
        if let Some(from) = &self.from {
            out.sql(" from ");
            from.render(out)?;
        }
        separated(&self.joins, "", out)?;
        clause(" where ", &self.conditions, " and ", out)?;
        clause(" group by ", &self.groups, ", ", out)?;
        clause(" having ", &self.having, " and ", out)?;
        clause(" order by ", &self.order, ", ", out)?;
        if let Some(limit) = self.limit {
            out.sql(" limit ");
            out.sql(&limit.to_string());
        }
        Ok(())
    }
}

/// Writes a clause, unless it is empty.
fn clause<'b, T: Render>(
    word: &str,
    parts: &'b [T],
    separator: &str,
    out: &mut dyn Out<'b>,
) -> QueryResult<()> {
    if parts.is_empty() {
        return Ok(());
    }
    out.sql(word);
    separated(parts, separator, out)
}
