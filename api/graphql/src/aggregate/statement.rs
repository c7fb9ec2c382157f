//! Aggregates in one SQL statement.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value};

use super::functions::Function;
use super::query::{AggregateQuery, GroupValue, Measure};
use crate::entity::{EntityField, TableJoin, Timeline};
use crate::filter::{Builder, condition};
use crate::scalar::ScalarKind;
use crate::sql::{self, Comparison, Condition, Expression, Order, Select, parts};
use crate::viewer_scope::ViewerScope;

/// Builds the statement with its values.
///
/// # Errors
/// Fails for a filter that the type does not have.
pub fn statement(
    query: &AggregateQuery,
    builder: &mut Builder,
    seen: &ViewerScope,
    filter: Option<&IndexMap<Name, Value>>,
) -> Result<Select, Error> {
    let alias = builder.alias();
    let entity = query.entity;
    let mut conditions: Vec<Condition> = entity.always(&alias).into_iter().collect();
    conditions.extend(seen.aggregate_condition(entity, &alias));
    if let Some(filter) = filter {
        conditions.push(condition(builder, entity, &alias, filter)?);
    }
    for value in &query.values {
        if let GroupValue::Of(_, Measure::Between(timeline, from, to)) = value {
            builder.name_code("to", timeline.codes, &Value::from(to.as_str()));
            if let Some(from) = from {
                builder.name_code("from", timeline.codes, &Value::from(from.as_str()));
            }
        }
    }
    let mut joins: Vec<TableJoin> = Vec::new();
    let values = query.values.iter().chain(query.having.iter().map(|(value, ..)| value));
    let values = values.chain(query.order.iter().map(|(value, _)| value));
    let keys = query.keys.iter().copied().chain(values.filter_map(GroupValue::key));
    for join in keys.flat_map(|key| key.joins) {
        if !joins.contains(join) {
            joins.push(*join);
        }
    }
    let groups: Vec<Expression> = query.keys.iter().map(|key| seen.key(key, &alias)).collect();
    let expression = |measure: &GroupValue| expression(measure, &alias, seen);
    let columns = query.values.iter().map(|measure| expression(measure).cast(measure.kind().sql()));
    let having = query.having.iter().filter_map(|(measure, operator, number)| {
        let number = Expression::Value(sql::Value::Float(*number));
        let comparison = Comparison::of_numbers(operator)?;
        Some(Condition::Compare(expression(measure), comparison, number))
    });
    let mut order: Vec<Order> = Vec::new();
    for (measure, descending) in &query.order {
        let direction = if *descending { "desc nulls last" } else { "asc nulls last" };
        order.push(Order { by: expression(measure), direction });
    }
    let by_key = |key: &Expression| Order { by: key.clone(), direction: "asc nulls last" };
    order.extend(groups.iter().map(by_key));
    if order.is_empty() {
        order.push(Order { by: expression(&GroupValue::Count), direction: "asc" });
    }
    let select = Select {
        columns: columns.collect(),
        conditions,
        having: having.collect(),
        groups,
        order,
        limit: Some(query.limit()),
        ..Select::default()
    };
    Ok(entity.complete(&alias, &joins, select))
}

fn expression(value: &GroupValue, alias: &str, seen: &ViewerScope) -> Expression {
    let aggregate = match value {
        GroupValue::Count => sql::Aggregate::Count,
        GroupValue::Key(key) => return seen.key(key, alias),
        GroupValue::Distinct(key) => sql::Aggregate::Distinct(seen.counted_key(key, alias)),
        GroupValue::Of(function, measure) => {
            let is_float = matches!(
                measure,
                Measure::Between(..) | Measure::Field(EntityField { kind: ScalarKind::Float, .. })
            );
            let over = match measure {
                Measure::Field(field) => Expression::of(&field.formula, alias),
                Measure::Between(timeline, from, to) => {
                    minutes_between(timeline, from.as_deref(), to, alias)
                }
            };
            let share = |share| sql::Aggregate::Percentile(sql::Value::Float(share), over.clone());
            match function {
                Function::Sum => sql::Aggregate::Sum(over),
                Function::Mean if is_float => sql::Aggregate::Mean(over),
                Function::Mean => sql::Aggregate::WholeMean(over),
                Function::Least => sql::Aggregate::Least(over),
                Function::Greatest => sql::Aggregate::Greatest(over),
                Function::Median => share(0.5),
                Function::Percentile(p) => share(*p),
            }
        }
    };
    Expression::Aggregate(Box::new(aggregate))
}

/// Minutes between two times of a record.
fn minutes_between(timeline: &Timeline, from: Option<&str>, to: &str, alias: &str) -> Expression {
    let first = |code: &str| {
        let of = Expression::of(&timeline.code, alias);
        let is_it = Condition::equal(of, Expression::text(code));
        Expression::filled(&timeline.first, alias, &is_it, &[])
    };
    let from = from.map_or_else(|| Expression::of(&timeline.start, alias), first);
    parts([
        Expression::Sql("(extract(epoch from "),
        first(to),
        Expression::Sql(" - "),
        from,
        Expression::Sql(")::double precision / 60)"),
    ])
}
