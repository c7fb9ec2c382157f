//! Aggregate query, parsed from arguments and selection.

use async_graphql::{Error, Value};

use super::functions::{
    COUNT_DISTINCT, FUNCTIONS, Function, MINUTES_BETWEEN, PERCENTILE, SCOPE, SHARE, distinct_keys,
    numbers,
};
use crate::arguments::MOST;
use crate::entity::{Entity, EntityField, GroupKey, Timeline};
use crate::error::bad_input;
use crate::names::title;
use crate::scalar::ScalarKind;
use crate::selection::Selected;
use crate::shape::Shape;
use crate::value::{list, members, text};
use crate::viewer_scope::ViewerScope;

/// Number of a record of which a function is computed.
#[derive(Clone, Debug)]
pub enum Measure {
    /// Column.
    Field(&'static EntityField),
    /// Minutes from the first time of one type, or the start of the record, to the first time of
    /// another type.
    Between(Box<Timeline>, Option<String>, String),
}

/// Value returned for each group.
#[derive(Clone, Debug)]
pub enum GroupValue {
    /// Number of records.
    Count,
    /// Group key.
    Key(&'static GroupKey),
    /// Number of distinct values of a key.
    Distinct(&'static GroupKey),
    /// Function over a number.
    Of(Function, Measure),
}

impl GroupValue {
    /// Returns the kind of the value.
    pub fn kind(&self) -> ScalarKind {
        match self {
            Self::Count | Self::Distinct(_) => ScalarKind::Long,
            Self::Key(key) => key.kind,
            Self::Of(function, Measure::Field(field)) => function.kind(field.kind),
            Self::Of(function, Measure::Between(..)) => function.kind(ScalarKind::Float),
        }
    }

    /// Returns the key that the value is computed from, if it is.
    pub fn key(&self) -> Option<&'static GroupKey> {
        match self {
            Self::Key(key) | Self::Distinct(key) => Some(key),
            Self::Count | Self::Of(..) => None,
        }
    }
}

/// Aggregate query.
#[derive(Debug)]
pub struct AggregateQuery {
    /// Record type.
    pub entity: &'static Entity,
    /// Group keys.
    pub keys: Vec<&'static GroupKey>,
    /// Values returned for each group, by column.
    pub values: Vec<GroupValue>,
    /// Conditions on groups: a measure, `eq`, `ne`, `lt`, `lte`, `gt` or `gte`, and a number.
    pub having: Vec<(GroupValue, &'static str, f64)>,
    /// Order of the groups: a measure, and true for `DESC`. Group keys break ties.
    pub order: Vec<(GroupValue, bool)>,
    /// Maximum number of groups; none if the query has no `limit`.
    limit: Option<i64>,
}

impl AggregateQuery {
    /// Parses the query and the shape of a group.
    ///
    /// # Errors
    /// Fails for an invalid argument.
    pub fn read(
        field: &Selected<'_>,
        entity: &'static Entity,
        seen: &ViewerScope,
    ) -> Result<(Self, Shape), Error> {
        let scope = seen.aggregate_scope(entity);
        let mut keys = keys(field, entity);
        let mut values = Vec::new();
        let selected = field.under(&format!("{}Group", entity.name));
        add_names(&mut keys, entity, &selected);
        let members = selected.iter().map(|field| {
            let shape = match field.name() {
                SCOPE => Shape::Constant(scope.value().to_owned()),
                _ => member(&mut values, entity, &keys, field)?,
            };
            Ok((field.key().to_owned(), shape))
        });
        let shape = Shape::Object(members.collect::<Result<_, Error>>()?);
        let having = having_of(field, entity)?;
        let limit = match field.given("limit") {
            None => None,
            Some(Value::Number(number))
                if number.as_i64().is_some_and(|number| (0..=10 * MOST).contains(&number)) =>
            {
                number.as_i64()
            }
            Some(limit) => {
                return Err(bad_input(format!(
                    "limit: {limit} must lie between 0 and {}",
                    10 * MOST
                )));
            }
        };
        let order = order(field, entity, &keys)?;
        Ok((Self { entity, keys, values, having, order, limit }, shape))
    }

    /// Returns the maximum number of groups to read. Without `limit`, this is one more than an
    /// answer may contain.
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(MOST + 1)
    }

    /// Checks that an answer with this number of groups is complete, or limited by the query.
    ///
    /// # Errors
    /// Fails if there are more groups than an answer without `limit` may contain.
    pub fn check(&self, groups: usize) -> Result<(), Error> {
        if self.limit.is_some() || groups as i64 <= MOST {
            return Ok(());
        }
        Err(bad_input(format!(
            "{}: there are more than {MOST} groups; give limit (at most {}) with orderBy for the \
             first ones, or group and filter so that there are fewer",
            self.entity.name,
            10 * MOST
        )))
    }
}

/// Returns the shape of a group's member, and adds the columns that it reads.
fn member(
    values: &mut Vec<GroupValue>,
    entity: &'static Entity,
    keys: &[&'static GroupKey],
    field: &Selected<'_>,
) -> Result<Shape, Error> {
    let mut column = |measure: GroupValue| {
        let kind = measure.kind();
        values.push(measure);
        Shape::Value(values.len() - 1, kind)
    };
    let title = match field.name() {
        "count" => return Ok(column(GroupValue::Count)),
        "key" => "GroupKeys".to_owned(),
        "__typename" => return Ok(Shape::Constant(format!("{}Group", entity.name))),
        function => title(function),
    };
    let function = match field.name() {
        PERCENTILE => Some(percentile(&field.argument(SHARE).unwrap_or_default())?),
        name => function(name),
    };
    let type_name = format!("{}{title}", entity.name);
    let mut of = |one: &Selected<'_>| -> Result<Shape, Error> {
        if one.name() == "__typename" {
            return Ok(Shape::Constant(type_name.clone()));
        }
        let value = match (field.name(), function) {
            // A key outside the group keys is empty.
            ("key", _) => {
                keys.iter().find(|key| key.key == one.name()).map(|key| GroupValue::Key(key))
            }
            (_, Some(function)) if one.name() == MINUTES_BETWEEN => {
                let between = entity.timeline.map(|timeline| between(timeline, one)).transpose()?;
                between.map(|between| GroupValue::Of(function, between))
            }
            (_, Some(function)) => number(entity, function, one.name()),
            _ => distinct(entity, one.name()),
        };
        Ok(value.map_or(Shape::Null, &mut column))
    };
    let members = field.under(&type_name);
    let members = members.iter().map(|one| Ok((one.key().to_owned(), of(one)?)));
    Ok(Shape::Object(members.collect::<Result<_, Error>>()?))
}

/// Adds the selected names of group keys, which have one value in each group.
fn add_names(
    keys: &mut Vec<&'static GroupKey>,
    entity: &'static Entity,
    selected: &[Selected<'_>],
) {
    let type_name = format!("{}GroupKeys", entity.name);
    let selected = selected.iter().filter(|field| field.name() == "key");
    for one in selected.flat_map(|field| field.under(&type_name)) {
        let named = entity.group_keys.iter().find(|key| key.key == one.name());
        if let Some(key) = named
            && let Some(of) = key.names
            && keys.iter().any(|known| known.name == of)
            && keys.iter().all(|known| known.name != key.name)
        {
            keys.push(key);
        }
    }
}

/// Returns the percentile of a share: the argument `p` of a field, or the member `p` of a condition
/// or an order.
fn percentile(p: &Value) -> Result<Function, Error> {
    let share = match p {
        Value::Number(number) => number.as_f64(),
        _ => None,
    };
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.map(Function::Percentile).ok_or_else(|| {
        bad_input(format!("p: {p} must lie between 0 and 1, e.g. 0.9 for the 90th percentile"))
    })
}

/// Returns the minutes between the times of a field's arguments.
fn between(timeline: Timeline, field: &Selected<'_>) -> Result<Measure, Error> {
    let text = |name: &str| match field.argument(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let to = text("to").ok_or_else(|| bad_input("to: must be a text"))?;
    Ok(Measure::Between(Box::new(timeline), text("from"), to))
}

fn function(name: &str) -> Option<Function> {
    FUNCTIONS.into_iter().find(|(known, _)| *known == name).map(|(_, function)| function)
}

/// Returns a function over a column.
fn number(entity: &'static Entity, function: Function, column: &str) -> Option<GroupValue> {
    let field = numbers(entity).find(|number| number.name == column)?;
    Some(GroupValue::Of(function, Measure::Field(field)))
}

/// Returns the number of distinct values of a key.
fn distinct(entity: &'static Entity, key: &str) -> Option<GroupValue> {
    distinct_keys(entity).find(|known| known.key == key).map(GroupValue::Distinct)
}

/// Finds the values of a group that a member of a condition or an order names, each with what the
/// member states about it.
fn measures<'a>(
    entity: &'static Entity,
    member: &str,
    stated: &'a Value,
) -> Result<Vec<(GroupValue, &'a Value)>, Error> {
    let share = || members(stated).find(|(name, _)| *name == SHARE).map(|(_, p)| p.clone());
    let function = match member {
        PERCENTILE => Some(percentile(&share().unwrap_or_default())?),
        _ => function(member),
    };
    let measure = |name: &str| match (member, function) {
        (COUNT_DISTINCT, _) => distinct(entity, name),
        (_, function) => number(entity, function?, name),
    };
    Ok(members(stated).filter_map(|(name, value)| Some((measure(name)?, value))).collect())
}

fn keys(field: &Selected<'_>, entity: &'static Entity) -> Vec<&'static GroupKey> {
    let mut keys: Vec<&GroupKey> = Vec::new();
    for name in list(&field.given("groupBy").unwrap_or_default()).iter().map(text) {
        if let Some(key) = entity.group_keys.iter().find(|key| key.name == name)
            && !keys.iter().any(|known| known.name == key.name)
        {
            keys.push(key);
        }
    }
    keys
}

fn having_of(
    field: &Selected<'_>,
    entity: &'static Entity,
) -> Result<Vec<(GroupValue, &'static str, f64)>, Error> {
    let mut all = Vec::new();
    for (name, value) in members(&field.given("having").unwrap_or_default()) {
        if name == "count" {
            comparisons(&mut all, &GroupValue::Count, value)?;
            continue;
        }
        for (measure, operators) in measures(entity, name, value)? {
            comparisons(&mut all, &measure, operators)?;
        }
    }
    Ok(all)
}

fn comparisons(
    all: &mut Vec<(GroupValue, &'static str, f64)>,
    measure: &GroupValue,
    operators: &Value,
) -> Result<(), Error> {
    let Value::Object(operators) = operators else { return Ok(()) };
    for (operator, value) in operators {
        let known = ["eq", "ne", "lt", "lte", "gt", "gte"]
            .into_iter()
            .find(|known| *known == operator.as_str());
        let Some(operator) = known else { continue };
        let number = match value {
            Value::Number(number) => number.as_f64(),
            _ => None,
        };
        let number =
            number.ok_or_else(|| bad_input(format!("having: {value} must be a number")))?;
        all.push((measure.clone(), operator, number));
    }
    Ok(())
}

fn order(
    field: &Selected<'_>,
    entity: &'static Entity,
    keys: &[&'static GroupKey],
) -> Result<Vec<(GroupValue, bool)>, Error> {
    let descends = |direction: &Value| text(direction) == "DESC";
    let mut terms = Vec::new();
    for one in list(&field.given("orderBy").unwrap_or_default()) {
        for (name, value) in members(one) {
            match name {
                "count" => terms.push((GroupValue::Count, descends(value))),
                "key" => {
                    terms.extend(keys.iter().map(|key| (GroupValue::Key(key), descends(value))));
                }
                function => {
                    for (measure, direction) in measures(entity, function, value)? {
                        terms.push((measure, descends(direction)));
                    }
                }
            }
        }
    }
    Ok(terms)
}
