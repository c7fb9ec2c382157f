//! Aggregates computed from cached columns, and their groups as rows of an answer.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hotwash_metrics::columns::{
    self, CountedGroups, Counting, Function, Operator, OutputColumn, Test, ValueKind,
};

use super::functions;
use super::query::{AggregateQuery, GroupValue, Measure};
use crate::column_cache::{ALIAS, ColumnQuery};
use crate::entity::{Entity, EntityField};
use crate::error::internal;
use crate::filter::{Builder, checked, condition};
use crate::relation;
use crate::scalar::ScalarKind;
use crate::shape::RowReader;
use crate::sql::{self, Condition, Expression, key};
use crate::viewer_scope::ViewerScope;

/// Maximum length of a list whose values are compared one by one.
const MOST_VALUES: usize = 50;
/// Maximum size of a condition that is cached as a column, in bytes of its key.
const LONGEST: usize = 4_096;

/// Returns the aggregate over cached columns, or none if only Postgres can compute it. Sums of
/// floating-point numbers depend on the order of addition.
pub fn column_query(
    query: &AggregateQuery,
    seen: &ViewerScope,
    filter: Option<&IndexMap<Name, Value>>,
) -> Option<ColumnQuery> {
    let entity = query.entity;
    let mut column_query = ColumnQuery::of(entity);
    let mut counting =
        Counting { most: usize::try_from(query.limit()).ok()?, ..Counting::default() };
    for key in &query.keys {
        let column = column_query.want(seen.key(key, ALIAS), kind(key.kind)?, key.joins);
        counting.keys.push(column);
    }
    let mut output_column =
        |measure: &GroupValue| output_column(query, &mut column_query, &mut counting, measure);
    let values = query.values.iter().map(&mut output_column).collect::<Option<_>>()?;
    let having = query.having.iter().map(|(measure, operator, number)| {
        Some((output_column(measure)?, order(operator)?, *number))
    });
    let having = having.collect::<Option<_>>()?;
    let ordered = query
        .order
        .iter()
        .map(|(measure, descending)| Some((output_column(measure)?, *descending)));
    let ordered = ordered.collect::<Option<_>>()?;
    (counting.columns, counting.having, counting.order) = (values, having, ordered);
    let mut tests = Vec::new();
    if let Some(visible) = seen.aggregate_condition(entity, ALIAS) {
        tests.push(column_query.computed_by_postgres(visible));
    }
    if let Some(filter) = filter {
        tests.push(all(&mut column_query, seen, entity, ALIAS, filter)?);
    }
    counting.test = (!tests.is_empty()).then_some(Test::All(tests));
    if column_query.is_bare() {
        // Only a count needs no column, so add one that is always true.
        column_query.computed_by_postgres(Condition::Always(true));
    }
    column_query.counting = counting;
    Some(column_query)
}

/// Returns the output column of a measure, and adds the column if it is missing.
fn output_column(
    query: &AggregateQuery,
    column_query: &mut ColumnQuery,
    counting: &mut Counting,
    value: &GroupValue,
) -> Option<OutputColumn> {
    use functions::Function as Of;
    let (function, field) = match value {
        GroupValue::Count => return Some(OutputColumn::Count),
        GroupValue::Key(key) => {
            return query
                .keys
                .iter()
                .position(|known| known.name == key.name)
                .map(OutputColumn::Key);
        }
        GroupValue::Of(function, Measure::Field(field)) => (*function, field),
        GroupValue::Of(..) | GroupValue::Distinct(_) => return None,
    };
    let function = match function {
        Of::Sum | Of::Mean if field.kind == ScalarKind::Float => return None,
        Of::Sum => Function::Sum,
        Of::Mean => Function::Mean,
        Of::Least => Function::Least,
        Of::Greatest => Function::Greatest,
        Of::Median | Of::Percentile(_) => return None,
    };
    let column = Expression::of(&field.formula, ALIAS);
    let measured = (function, column_query.want(column, kind(field.kind)?, &[]));
    let known = counting.measures.iter().position(|known| *known == measured);
    Some(OutputColumn::Measure(known.unwrap_or_else(|| {
        counting.measures.push(measured);
        counting.measures.len() - 1
    })))
}

fn kind(kind: ScalarKind) -> Option<ValueKind> {
    Some(match kind {
        ScalarKind::Text | ScalarKind::Code(_) => ValueKind::Text,
        ScalarKind::Int => ValueKind::Int,
        ScalarKind::Long | ScalarKind::Id(_) => ValueKind::Long,
        ScalarKind::Float => ValueKind::Float,
        ScalarKind::Boolean => ValueKind::Boolean,
        ScalarKind::Date => ValueKind::Date,
        ScalarKind::DateTime | ScalarKind::Texts => return None,
    })
}

fn order(operator: &str) -> Option<Operator> {
    Some(match operator {
        "eq" => Operator::Equal,
        "ne" => Operator::Unequal,
        "lt" => Operator::Under,
        "lte" => Operator::UpTo,
        "gt" => Operator::Over,
        "gte" => Operator::From,
        _ => return None,
    })
}

/// Converts a valid filter to a test. False and unknown have the same effect: the record does not
/// pass.
fn all(
    column_query: &mut ColumnQuery,
    seen: &ViewerScope,
    entity: &'static Entity,
    alias: &str,
    filter: &IndexMap<Name, Value>,
) -> Option<Test> {
    let mut tests = Vec::new();
    for (name, value) in filter {
        let inner = |column_query: &mut ColumnQuery, value: &Value| match value {
            Value::Object(members) => all(column_query, seen, entity, alias, members),
            _ => None,
        };
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("and" | "or", value) => {
                let list = if let Value::List(list) = value {
                    list.as_slice()
                } else {
                    std::slice::from_ref(value)
                };
                let list =
                    list.iter().map(|one| inner(column_query, one)).collect::<Option<_>>()?;
                tests.push(if name == "and" { Test::All(list) } else { Test::Any(list) });
            }
            ("not", value) => tests.push(Test::Not(Box::new(inner(column_query, value)?))),
            (name, Value::Object(members)) => {
                let natively = match joined(entity, seen, name) {
                    Some((target, suffix)) => {
                        all(column_query, seen, target, &[alias, suffix].concat(), members)
                    }
                    None => compared(column_query, entity, alias, name, members),
                };
                tests.push(match natively {
                    Some(test) => test,
                    None => {
                        // Postgres evaluates the condition once per record and generation.
                        let mut builder = Builder::new(seen);
                        builder.alias();
                        let one = IndexMap::from([(Name::new(name), value.clone())]);
                        let predicate = condition(&mut builder, entity, alias, &one).ok()?;
                        if key(&predicate).len() > LONGEST {
                            return None;
                        }
                        column_query.computed_by_postgres(predicate)
                    }
                });
            }
            _ => return None,
        }
    }
    Some(Test::All(tests))
}

/// Returns a relation's record type and alias suffix, if the row is already joined and open to the
/// viewer.
fn joined(
    entity: &Entity,
    seen: &ViewerScope,
    name: &str,
) -> Option<(&'static Entity, &'static str)> {
    let related = entity.relations.iter().find(|relation| relation.name == name)?;
    let target = crate::catalog::entity(related.target).ok()?;
    (target.visible.is_none() || seen.viewer.sees_all_detail())
        .then_some((target, relation::joined(entity, related).ok()??))
}

/// Comparisons of a number, a date or a boolean column.
fn compared(
    column_query: &mut ColumnQuery,
    entity: &Entity,
    alias: &str,
    name: &str,
    operators: &IndexMap<Name, Value>,
) -> Option<Test> {
    if entity.relations.iter().any(|relation| relation.name == name) {
        return None;
    }
    let field = entity.compared(name).filter(|field| field.within.is_none())?;
    let wanted = kind(field.kind).filter(|kind| *kind != ValueKind::Text)?;
    let expression = Expression::of(&field.formula, alias);
    let column = key(&expression);
    let known = || Test::Known(column.clone());
    let mut tests = Vec::new();
    for (operator, value) in operators {
        let one = |order: Operator, value: &Value| {
            Some(Test::Compare(column.clone(), order, operand(field, value)?))
        };
        let any = |value: &Value| {
            let list = if let Value::List(list) = value {
                list.as_slice()
            } else {
                std::slice::from_ref(value)
            };
            let is_short = list.len() <= MOST_VALUES;
            is_short.then(|| {
                list.iter()
                    .map(|value| one(Operator::Equal, value))
                    .collect::<Option<_>>()
                    .map(Test::Any)
            })?
        };
        let not = |test: Test| Test::Not(Box::new(test));
        tests.push(match (operator.as_str(), value) {
            ("isNull", Value::Boolean(true)) | ("eq", Value::Null) => not(known()),
            ("isNull", Value::Boolean(false)) | ("ne", Value::Null) => known(),
            ("ne", value) => not(one(Operator::Equal, value)?),
            ("in", value) => any(value)?,
            ("notIn", value) => not(any(value)?),
            (operator, value) => one(order(operator)?, value)?,
        });
    }
    column_query.want(expression, wanted, &[]);
    Some(Test::All(tests))
}

/// Converts a filter value to the type of its column.
fn operand(field: &EntityField, value: &Value) -> Option<columns::Operand> {
    Some(match checked(field.name, field.kind, value).ok()? {
        sql::Value::Int(number) => columns::Operand::Integer(number.into()),
        sql::Value::Long(number) => columns::Operand::Integer(number),
        sql::Value::Float(number) => columns::Operand::Real(number),
        sql::Value::Boolean(flag) => columns::Operand::Flag(flag),
        sql::Value::Date(day) => columns::Operand::Integer((day - NaiveDate::default()).num_days()),
        sql::Value::Text(_)
        | sql::Value::DateTime(_)
        | sql::Value::Ids(_)
        | sql::Value::Keys(_) => return None,
    })
}

/// Row of the counted groups.
pub struct Line<'a> {
    /// All groups.
    pub counted: &'a CountedGroups,
    /// Index of this group.
    pub row: usize,
}

impl Line<'_> {
    fn integer(&self, at: usize) -> Option<i64> {
        match self.counted.columns.get(at)? {
            columns::ColumnValues::Integer(list) | columns::ColumnValues::Text(list, _) => {
                list.get(self.row).copied().flatten()
            }
            columns::ColumnValues::Real(_) => None,
        }
    }
}

impl RowReader for Line<'_> {
    fn with_text<T>(&self, at: usize, take: impl FnOnce(Option<&str>) -> T) -> Result<T, Error> {
        let texts = match self.counted.columns.get(at) {
            Some(columns::ColumnValues::Text(_, texts)) => texts,
            _ => return Err(internal(&"a text is none")),
        };
        let text = self.integer(at).and_then(|index| texts.get(index as usize));
        Ok(take(text.map(String::as_str)))
    }

    fn int(&self, at: usize) -> Result<Option<i64>, Error> {
        Ok(self.integer(at))
    }

    fn long(&self, at: usize) -> Result<Option<i64>, Error> {
        Ok(self.integer(at))
    }

    fn float(&self, at: usize) -> Result<Option<f64>, Error> {
        Ok(match self.counted.columns.get(at) {
            Some(columns::ColumnValues::Real(list)) => list.get(self.row).copied().flatten(),
            _ => None,
        })
    }

    fn flag(&self, at: usize) -> Result<Option<bool>, Error> {
        Ok(self.integer(at).map(|flag| flag != 0))
    }

    fn ids(&self, _: usize) -> Result<Vec<i32>, Error> {
        Err(internal(&"a group has no ids"))
    }

    fn day(&self, at: usize) -> Result<Option<NaiveDate>, Error> {
        Ok(self
            .integer(at)
            .and_then(|days| NaiveDate::default().checked_add_signed(TimeDelta::try_days(days)?)))
    }

    fn moment(&self, _: usize) -> Result<Option<DateTime<Utc>>, Error> {
        Err(internal(&"a group has no moment"))
    }
}
