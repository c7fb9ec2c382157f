//! Parts of a statement. They contain one another, so one file defines them all.

use hotwash_schema::formula::Formula;

use super::value::Value;

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
    /// Returns the comparison of numbers by an operator of a filter.
    pub fn of_numbers(operator: &str) -> Option<Self> {
        Some(match operator {
            "eq" => Self::Equal,
            "ne" => Self::Unequal,
            "lt" => Self::Less,
            "lte" => Self::LessOrEqual,
            "gt" => Self::Greater,
            "gte" => Self::GreaterOrEqual,
            _ => return None,
        })
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

/// Aggregate function over the rows of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Aggregate {
    /// Number of rows.
    Count,
    /// Number of distinct values.
    Distinct(Expression),
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
    /// Value below which this share of the rows lies, interpolated between two values.
    Percentile(Value, Expression),
}
