//! Conditions on rows.

use diesel::QueryResult;

use super::expression::Expression;
use super::render::{Out, Render, separated};
use super::select::Select;
use super::value::Value;

/// Comparison of two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `<>`.
    Unequal,
    /// `is distinct from`: an empty value differs from every other value.
    Distinct,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl Comparison {
    fn sql(self) -> &'static str {
        match self {
            Self::Equal => " = ",
            Self::Unequal => " <> ",
            Self::Distinct => " is distinct from ",
            Self::Less => " < ",
            Self::LessOrEqual => " <= ",
            Self::Greater => " > ",
            Self::GreaterOrEqual => " >= ",
        }
    }
}

/// Condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// True or false for every row.
    Always(bool),
    /// All of these conditions; true if the list is empty.
    All(Vec<Condition>),
    /// At least one of these conditions; false if the list is empty.
    Any(Vec<Condition>),
    /// Not true: false or unknown.
    Not(Box<Condition>),
    /// Comparison.
    Compare(Expression, Comparison, Expression),
    /// No value.
    Empty(Expression),
    /// Some value.
    Given(Expression),
    /// Equal to one of these values.
    In(Expression, Vec<Value>),
    /// Equal to none of these values, or empty.
    NotIn(Expression, Vec<Value>),
    /// Contains a text, ignoring case.
    Contains(Expression, Value),
    /// Starts with a text, ignoring case.
    StartsWith(Expression, Value),
    /// The statement returns at least one row.
    Exists(Box<Select>),
    /// Expression that is true or false.
    Holds(Expression),
}

impl Condition {
    /// Returns the condition that two expressions are equal.
    pub fn equal(left: Expression, right: Expression) -> Self {
        Self::Compare(left, Comparison::Equal, right)
    }
}

impl Render for Condition {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        match self {
            Self::Always(truth) => out.sql(if *truth { "true" } else { "false" }),
            Self::All(list) if list.is_empty() => out.sql("true"),
            Self::Any(list) if list.is_empty() => out.sql("false"),
            Self::All(list) => enclosed(list, " and ", out)?,
            Self::Any(list) => enclosed(list, " or ", out)?,
            Self::Not(inner) => {
                out.sql("not coalesce(");
                inner.render(out)?;
                out.sql(", false)");
            }
            Self::Compare(left, comparison, right) => {
                left.render(out)?;
                out.sql(comparison.sql());
                right.render(out)?;
            }
            Self::Empty(expression) => {
                expression.render(out)?;
                out.sql(" is null");
            }
            Self::Given(expression) => {
                expression.render(out)?;
                out.sql(" is not null");
            }
            Self::In(_, values) if values.is_empty() => out.sql("false"),
            Self::NotIn(_, values) if values.is_empty() => out.sql("true"),
            Self::In(expression, values) => {
                expression.render(out)?;
                out.sql(" in (");
                separated(values, ", ", out)?;
                out.sql(")");
            }
            Self::NotIn(expression, values) => {
                out.sql("(");
                expression.render(out)?;
                out.sql(" is null or ");
                expression.render(out)?;
                out.sql(" not in (");
                separated(values, ", ", out)?;
                out.sql("))");
            }
            Self::Contains(expression, value) => {
                out.sql("strpos(lower(");
                expression.render(out)?;
                out.sql("), lower(");
                out.value(value)?;
                out.sql(")) > 0");
            }
            Self::StartsWith(expression, value) => {
                out.sql("starts_with(lower(");
                expression.render(out)?;
                out.sql("), lower(");
                out.value(value)?;
                out.sql("))");
            }
            Self::Exists(select) => {
                out.sql("exists (");
                select.render(out)?;
                out.sql(")");
            }
            Self::Holds(expression) => expression.render(out)?,
        }
        Ok(())
    }
}

fn enclosed<'b>(list: &'b [Condition], separator: &str, out: &mut dyn Out<'b>) -> QueryResult<()> {
    out.sql("(");
    separated(list, separator, out)?;
    out.sql(")");
    Ok(())
}

impl Render for Value {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        out.value(self)
    }
}
