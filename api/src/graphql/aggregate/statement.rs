//! An aggregate as one statement.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value};

use super::query::{AggregateQuery, GroupValue};
use crate::graphql::entity::ScalarKind;
use crate::graphql::filter::{Builder, condition};
use crate::graphql::select::ViewerScope;

/// The statement, with its values bound.
///
/// # Errors
/// A filter that the type does not have.
pub fn statement(
    asked: &AggregateQuery,
    builder: &mut Builder,
    seen: &ViewerScope,
    filter: Option<&IndexMap<Name, Value>>,
) -> Result<String, Error> {
    let alias = builder.alias();
    let entity = asked.entity;
    let mut wheres = vec![entity.only.replace("{t}", &alias)];
    wheres.extend(seen.aggregate_condition(entity, &alias));
    if let Some(filter) = filter {
        wheres.push(condition(builder, entity, &alias, filter)?);
    }
    let mut joins: Vec<String> = Vec::new();
    for key in &asked.keys {
        let join = key.join.replace("{t}", &alias);
        if !join.is_empty() && !joins.contains(&join) {
            joins.push(join);
        }
    }
    let keys: Vec<String> = asked.keys.iter().map(|key| key.sql.replace("{t}", &alias)).collect();
    let columns: Vec<String> = asked
        .told
        .iter()
        .map(|measure| format!("({})::{}", sql(*measure, &alias), measure.kind().sql()))
        .collect();
    let columns = if columns.is_empty() { "1".to_owned() } else { columns.join(", ") };
    let group =
        if keys.is_empty() { String::new() } else { format!(" group by {}", keys.join(", ")) };
    let having: Vec<String> = asked
        .having
        .iter()
        .map(|(measure, operator, number)| {
            let bound = builder.bind(number.to_string(), ScalarKind::Float);
            format!("{} {} {bound}", sql(*measure, &alias), sign(operator))
        })
        .collect();
    let having =
        if having.is_empty() { String::new() } else { format!(" having {}", having.join(" and ")) };
    let mut order: Vec<String> = Vec::new();
    for (measure, descending) in &asked.order {
        order.push(format!(
            "{} {} nulls last",
            sql(*measure, &alias),
            if *descending { "desc" } else { "asc" }
        ));
    }
    order.extend(keys.iter().map(|sql| format!("{sql} asc nulls last")));
    if order.is_empty() {
        order.push("count(*)".into());
    }
    let (joins, wheres, order) = (joins.join(" "), wheres.join(" and "), order.join(", "));
    let tables = entity.tables(
        &alias,
        &[&columns, &joins, &wheres, &group, &having, &order].map(String::as_str).join(" "),
    );
    let limit = asked.limit();
    Ok(format!(
        "select {columns} from {tables} {joins} where {wheres}{group}{having} order by {order} \
         limit {limit}"
    ))
}

fn sql(measure: GroupValue, alias: &str) -> String {
    match measure {
        GroupValue::Count => "count(*)".into(),
        GroupValue::Key(key) => key.sql.replace("{t}", alias),
        GroupValue::Of("avg", field) if field.kind != ScalarKind::Float => {
            let column = field.sql.replace("{t}", alias);
            // Divided as a number of 64 bits, as the columns held in memory divide: the same to the
            // last bit.
            format!("sum({column})::double precision / nullif(count({column}), 0)")
        }
        GroupValue::Of(function, field) => {
            format!("{function}({})", field.sql.replace("{t}", alias))
        }
    }
}

fn sign(operator: &str) -> &'static str {
    match operator {
        "eq" => "=",
        "ne" => "<>",
        "lt" => "<",
        "lte" => "<=",
        "gt" => ">",
        _ => ">=",
    }
}
