//! Aggregates in one SQL statement.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value};

use super::query::{AggregateQuery, GroupValue};
use crate::entity::TableJoin;
use crate::filter::{Builder, condition};
use crate::scalar::ScalarKind;
use crate::sql::{self, Comparison, Condition, Expression, Order, Select};
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
    let mut joins: Vec<TableJoin> = Vec::new();
    for join in query.keys.iter().flat_map(|key| key.joins) {
        if !joins.contains(join) {
            joins.push(*join);
        }
    }
    let groups: Vec<Expression> =
        query.keys.iter().map(|key| Expression::of(&key.formula, &alias)).collect();
    let columns =
        query.values.iter().map(|measure| expression(*measure, &alias).cast(measure.kind().sql()));
    let having = query.having.iter().filter_map(|(measure, operator, number)| {
        let number = Expression::Value(sql::Value::Float(*number));
        let comparison = Comparison::of_numbers(operator)?;
        Some(Condition::Compare(expression(*measure, &alias), comparison, number))
    });
    let mut order: Vec<Order> = Vec::new();
    for (measure, descending) in &query.order {
        let direction = if *descending { "desc nulls last" } else { "asc nulls last" };
        order.push(Order { by: expression(*measure, &alias), direction });
    }
    let by_key = |key: &Expression| Order { by: key.clone(), direction: "asc nulls last" };
    order.extend(groups.iter().map(by_key));
    if order.is_empty() {
        order.push(Order { by: expression(GroupValue::Count, &alias), direction: "asc" });
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

fn expression(measure: GroupValue, alias: &str) -> Expression {
    let aggregate = match measure {
        GroupValue::Count => sql::Aggregate::Count,
        GroupValue::Key(key) => return Expression::of(&key.formula, alias),
        GroupValue::Of(function, field) => {
            let over = Expression::of(&field.formula, alias);
            match function {
                "sum" => sql::Aggregate::Sum(over),
                "avg" if field.kind == ScalarKind::Float => sql::Aggregate::Mean(over),
                "avg" => sql::Aggregate::WholeMean(over),
                "min" => sql::Aggregate::Least(over),
                _ => sql::Aggregate::Greatest(over),
            }
        }
    };
    Expression::Aggregate(Box::new(aggregate))
}
