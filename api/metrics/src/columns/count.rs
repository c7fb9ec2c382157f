//! Counts and sums the rows that pass a test, by groups.

use std::sync::Arc;

use polars::prelude::{
    DataFrame, DataType, Expr, IntoLazy, PolarsError, SortMultipleOptions, col, len, lit,
    ternary_expr,
};

use super::ColumnTable;

/// Largest sum that is exact as `f64`; larger sums are computed by Postgres.
const EXACT: f64 = 9.0e15;

/// Value with which a column is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand {
    /// A whole number, or a date as days since 1970.
    Integer(i64),
    /// A number.
    Real(f64),
    /// True or false.
    Flag(bool),
}

/// Comparison of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Equal,
    /// Not equal.
    Unequal,
    /// Less than.
    Under,
    /// Less than or equal.
    UpTo,
    /// Greater than.
    Over,
    /// Greater than or equal.
    From,
}

/// Test of a row with SQL's three outcomes: a comparison with a missing value is neither true nor
/// false.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// All tests are true; true if there are none.
    All(Vec<Test>),
    /// At least one test is true; false if there are none.
    Any(Vec<Test>),
    /// The test is false or unknown: `not coalesce(…, false)`.
    Not(Box<Test>),
    /// Comparison of a column with a value.
    Compare(String, Operator, Operand),
    /// The column has a value.
    Known(String),
    /// The Boolean column is true.
    Holds(String),
}

/// Aggregate function over a column's values in a group; missing if there are no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Sum of whole numbers.
    Sum,
    /// Mean of whole numbers.
    Mean,
    /// Minimum.
    Least,
    /// Maximum.
    Greatest,
}

/// Column of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputColumn {
    /// A key, by its number.
    Key(usize),
    /// Number of rows.
    Count,
    /// A measure, by its number.
    Measure(usize),
}

/// Filter, keys and measures of a count over columns.
#[derive(Clone, Debug, Default)]
pub struct Counting {
    /// Test that selects the rows.
    pub test: Option<Test>,
    /// Columns to group by.
    pub keys: Vec<String>,
    /// Measures of a group.
    pub measures: Vec<(Function, String)>,
    /// Conditions on groups.
    pub having: Vec<(OutputColumn, Operator, f64)>,
    /// Order of the groups, descending if true; missing values come last.
    pub order: Vec<(OutputColumn, bool)>,
    /// Maximum number of groups.
    pub most: usize,
    /// Columns to return for each group.
    pub columns: Vec<OutputColumn>,
}

/// Values of a column of the result.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValues {
    /// Whole numbers, or dates as days since 1970.
    Integer(Vec<Option<i64>>),
    /// Numbers.
    Real(Vec<Option<f64>>),
    /// Indexes into a list of texts.
    Text(Vec<Option<i64>>, Arc<Vec<String>>),
}

/// Result of a count.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedGroups {
    /// Number of groups.
    pub groups: usize,
    /// Columns in the requested order.
    pub columns: Vec<ColumnValues>,
}

impl ColumnTable {
    /// Counts the rows. Returns `None` if a sum is too large to be exact, or if a column is
    /// missing; Postgres then answers.
    pub fn count(&self, query: &Counting) -> Option<CountedGroups> {
        self.try_count(query).ok().flatten()
    }

    fn try_count(&self, query: &Counting) -> Result<Option<CountedGroups>, PolarsError> {
        let mut rows = self.data.clone().lazy();
        if let Some(test) = &query.test {
            rows = rows.filter(self.test(test)?);
        }
        let mut computed = vec![len().cast(DataType::Int64).alias("count")];
        for (at, (function, column)) in query.measures.iter().enumerate() {
            computed.extend(self.measure(at, *function, column)?);
        }
        let keys: Vec<Expr> = query
            .keys
            .iter()
            .enumerate()
            .map(|(at, column)| col(column.as_str()).alias(key(at)))
            .collect();
        let mut groups =
            if keys.is_empty() { rows.select(computed) } else { rows.group_by(keys).agg(computed) };
        for (output, order, value) in &query.having {
            groups = groups.filter(compared(
                output_expr(*output).cast(DataType::Float64),
                *order,
                lit(*value),
            ));
        }
        if !keys_or_order(query).is_empty() {
            let (by, descending): (Vec<Expr>, Vec<bool>) = keys_or_order(query)
                .into_iter()
                .map(|(output, descending)| (output_expr(output), descending))
                .unzip();
            let options = SortMultipleOptions::default()
                .with_order_descending_multi(descending)
                .with_nulls_last(true);
            groups = groups.sort_by_exprs(by, options);
        }
        let found = groups.collect()?;
        for (at, _) in query.measures.iter().enumerate() {
            let Ok(size) = found.column(&size_of_sum(at)) else { continue };
            if size.f64()?.iter().flatten().any(|size| size > EXACT) {
                return Ok(None);
            }
        }
        let found = found.head(Some(query.most));
        let columns = query
            .columns
            .iter()
            .map(|output| self.cells(query, &found, *output))
            .collect::<Result<_, _>>()?;
        Ok(Some(CountedGroups { groups: found.height(), columns }))
    }

    fn test(&self, test: &Test) -> Result<Expr, PolarsError> {
        let all =
            |list: &[Test]| list.iter().map(|one| self.test(one)).collect::<Result<Vec<_>, _>>();
        Ok(match test {
            Test::All(list) => {
                all(list)?.into_iter().reduce(Expr::and).unwrap_or_else(|| lit(true))
            }
            Test::Any(list) => {
                all(list)?.into_iter().reduce(Expr::or).unwrap_or_else(|| lit(false))
            }
            Test::Not(one) => self.test(one)?.fill_null(lit(false)).not(),
            Test::Known(column) => col(column.as_str()).is_not_null(),
            Test::Holds(column) => col(column.as_str()),
            Test::Compare(column, order, value) => {
                let of = self.data.column(column)?.dtype().clone();
                // A column of small numbers is compared without a cast if the operand is as small.
                let value = match (value, of) {
                    (Operand::Integer(value), DataType::Int32) => match i32::try_from(*value) {
                        Ok(small) => lit(small),
                        Err(_) => lit(*value),
                    },
                    (Operand::Integer(value), _) => lit(*value),
                    (Operand::Real(value), _) => lit(*value),
                    (Operand::Flag(value), _) => lit(*value),
                };
                compared(col(column.as_str()), *order, value)
            }
        })
    }

    /// Returns the expression of a measure, and an expression for whether its sum is exact.
    fn measure(
        &self,
        at: usize,
        function: Function,
        column: &str,
    ) -> Result<Vec<Expr>, PolarsError> {
        let of = col(column);
        // Small numbers would overflow in a sum of their own type.
        let wide = || col(column).cast(DataType::Int64);
        let there = || col(column).count();
        let name = measure(at);
        let sum = || {
            ternary_expr(
                there().gt(lit(0)),
                wide().sum(),
                lit(polars::prelude::NULL).cast(DataType::Int64),
            )
        };
        let expression = match function {
            Function::Sum => sum(),
            // Divides as the SQL statement does: an exact sum by a count.
            Function::Mean => sum().cast(DataType::Float64) / there().cast(DataType::Float64),
            Function::Least => return Ok(vec![of.min().alias(name)]),
            Function::Greatest => return Ok(vec![of.max().alias(name)]),
        };
        let mut computed = vec![expression.alias(name)];
        if *self.data.column(column)?.dtype() == DataType::Int64 {
            computed.push(of.cast(DataType::Float64).abs().sum().alias(size_of_sum(at)));
        }
        Ok(computed)
    }

    fn cells(
        &self,
        query: &Counting,
        found: &DataFrame,
        output: OutputColumn,
    ) -> Result<ColumnValues, PolarsError> {
        let column = found.column(&name(output))?;
        if *column.dtype() == DataType::Float64 {
            return Ok(ColumnValues::Real(column.f64()?.iter().collect()));
        }
        let integer = column.cast(&DataType::Int64)?.i64()?.iter().collect();
        let texts = match output {
            OutputColumn::Key(at) => query.keys.get(at).and_then(|column| self.texts.get(column)),
            _ => None,
        };
        Ok(match texts {
            Some(texts) => ColumnValues::Text(integer, Arc::clone(texts)),
            None => ColumnValues::Integer(integer),
        })
    }
}

/// Returns the requested order, completed by the keys.
fn keys_or_order(query: &Counting) -> Vec<(OutputColumn, bool)> {
    let keys = (0..query.keys.len()).map(|at| (OutputColumn::Key(at), false));
    query.order.iter().copied().chain(keys).collect()
}

fn compared(one: Expr, order: Operator, other: Expr) -> Expr {
    match order {
        Operator::Equal => one.eq(other),
        Operator::Unequal => one.neq(other),
        Operator::Under => one.lt(other),
        Operator::UpTo => one.lt_eq(other),
        Operator::Over => one.gt(other),
        Operator::From => one.gt_eq(other),
    }
}

fn key(at: usize) -> String {
    format!("key{at}")
}

fn measure(at: usize) -> String {
    format!("measure{at}")
}

fn size_of_sum(at: usize) -> String {
    format!("size{at}")
}

fn name(output: OutputColumn) -> String {
    match output {
        OutputColumn::Key(at) => key(at),
        OutputColumn::Count => "count".into(),
        OutputColumn::Measure(at) => measure(at),
    }
}

fn output_expr(output: OutputColumn) -> Expr {
    col(name(output))
}
