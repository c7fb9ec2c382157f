//! Expressions: columns, values, functions, JSON, subqueries.

use diesel::QueryResult;
use hotwash_schema::formula::Formula;

use super::condition::Condition;
use super::render::{Out, Render, separated};
use super::select::Select;
use super::value::Value;

/// Maximum number of members of a JSON object in one call. Postgres functions take at most 100
/// arguments.
const MOST_MEMBERS: usize = 45;

/// Column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Alias of the table.
    pub table: String,
    /// Name.
    pub name: &'static str,
}

/// Expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// Column of a table.
    Column(Column),
    /// Column of a subquery in `from`, by the subquery's alias and the column's number.
    Output(String, usize),
    /// Bound value.
    Value(Value),
    /// Constant SQL.
    Sql(&'static str),
    /// Number in the text that affects the plan, such as a page size.
    Number(i64),
    /// Concatenated expressions.
    Parts(Vec<Expression>),
    /// Conversion to a type.
    Cast(Box<Expression>, &'static str),
    /// JSON object of members.
    Object(Vec<(Value, Expression)>),
    /// Function over the rows of a group.
    Aggregate(Box<Aggregate>),
    /// Result of a condition.
    Condition(Box<Condition>),
    /// Result of a subquery.
    Select(Box<Select>),
}

impl Expression {
    /// Creates a column of a table.
    pub fn column(table: &str, name: &'static str) -> Self {
        Self::Column(Column { table: table.to_owned(), name })
    }

    /// Creates a bound text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Value(Value::Text(text.into()))
    }

    /// Builds a record type's formula over the row of `alias`.
    pub fn of(formula: &Formula, alias: &str) -> Self {
        Self::filled(formula, alias, &Condition::Always(true), &[])
    }

    /// Builds a formula and inserts the condition and regions where the formula expects them.
    pub fn filled(formula: &Formula, alias: &str, condition: &Condition, regions: &[i32]) -> Self {
        match formula {
            Formula::Column(join, name) => Self::column(&[alias, join].concat(), name),
            Formula::Sql(text) => Self::Sql(text),
            Formula::Parts(list) => Self::Parts(
                list.iter().map(|part| Self::filled(part, alias, condition, regions)).collect(),
            ),
            Formula::Condition => Self::Condition(Box::new(condition.clone())),
            Formula::Regions => Self::Value(Value::Ids(regions.to_vec())),
        }
    }

    /// Converts the expression to a type.
    pub fn cast(self, to: &'static str) -> Self {
        Self::Cast(Box::new(self), to)
    }
}

/// Concatenates expressions.
pub fn parts<const N: usize>(list: [Expression; N]) -> Expression {
    Expression::Parts(list.into())
}

/// Builds a JSON object from members by name.
pub fn object(members: Vec<(String, Expression)>) -> Expression {
    Expression::Object(
        members.into_iter().map(|(name, member)| (Value::Text(name), member)).collect(),
    )
}

impl Render for Column {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        out.column(&self.table, self.name);
        Ok(())
    }
}

impl Render for Expression {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        match self {
            Self::Column(column) => column.render(out)?,
            Self::Output(table, at) => out.column(table, &["c", &at.to_string()].concat()),
            Self::Value(value) => out.value(value)?,
            Self::Sql(text) => out.sql(text),
            Self::Number(number) => out.sql(&number.to_string()),
            Self::Parts(list) => separated(list, "", out)?,
            Self::Cast(inner, to) => {
                out.sql("(");
                inner.render(out)?;
                out.sql(")::");
                out.sql(to);
            }
            Self::Object(members) => render_object(members, out)?,
            Self::Aggregate(aggregate) => aggregate.render(out)?,
            Self::Condition(condition) => condition.render(out)?,
            Self::Select(select) => {
                out.sql("(");
                select.render(out)?;
                out.sql(")");
            }
        }
        Ok(())
    }
}

fn render_object<'b>(members: &'b [(Value, Expression)], out: &mut dyn Out<'b>) -> QueryResult<()> {
    if members.len() <= MOST_MEMBERS {
        return render_members("json_build_object(", members, out);
    }
    out.sql("(");
    for (at, chunk) in members.chunks(MOST_MEMBERS).enumerate() {
        if at > 0 {
            out.sql(" || ");
        }
        render_members("jsonb_build_object(", chunk, out)?;
    }
    out.sql(")::json");
    Ok(())
}

fn render_members<'b>(
    function: &str,
    members: &'b [(Value, Expression)],
    out: &mut dyn Out<'b>,
) -> QueryResult<()> {
    out.sql(function);
    for (at, (name, member)) in members.iter().enumerate() {
        if at > 0 {
            out.sql(", ");
        }
        out.value(name)?;
        out.sql(", ");
        member.render(out)?;
    }
    out.sql(")");
    Ok(())
}

/// Aggregate function over the rows of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Aggregate {
    /// Number of rows.
    Count,
    /// Sum.
    Sum(Expression),
    /// Mean of integers, divided as 64-bit floating-point numbers. The column cache divides in the
    /// same way, so both results have the same bits.
    WholeMean(Expression),
    /// Mean.
    Mean(Expression),
    /// Minimum.
    Least(Expression),
    /// Maximum.
    Greatest(Expression),
}

impl Render for Aggregate {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        let (function, over) = match self {
            Self::Count => {
                out.sql("count(*)");
                return Ok(());
            }
            Self::WholeMean(over) => {
                out.sql("sum(");
                over.render(out)?;
                out.sql(")::double precision / nullif(count(");
                over.render(out)?;
                out.sql("), 0)");
                return Ok(());
            }
            Self::Sum(over) => ("sum(", over),
            Self::Mean(over) => ("avg(", over),
            Self::Least(over) => ("min(", over),
            Self::Greatest(over) => ("max(", over),
        };
        out.sql(function);
        over.render(out)?;
        out.sql(")");
        Ok(())
    }
}
