//! Aggregate query, parsed from arguments and selection.

use async_graphql::Error;
use async_graphql::dynamic::{ObjectAccessor, ResolverContext};

use super::functions::{FUNCTIONS, kind_of, numbers};
use crate::arguments::MOST;
use crate::entity::{Entity, EntityField, GroupKey};
use crate::error::bad_input;
use crate::names::title;
use crate::scalar::ScalarKind;
use crate::selection::Selected;
use crate::shape::Shape;

/// Value returned for each group.
#[derive(Clone, Copy, Debug)]
pub enum GroupValue {
    /// Number of records.
    Count,
    /// Group key.
    Key(&'static GroupKey),
    /// Function of [`FUNCTIONS`] over a column.
    Of(&'static str, &'static EntityField),
}

impl GroupValue {
    /// Returns the kind of the value.
    pub fn kind(self) -> ScalarKind {
        match self {
            Self::Count => ScalarKind::Long,
            Self::Key(key) => key.kind,
            Self::Of(function, field) => kind_of(function, field.kind),
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
        ctx: &ResolverContext<'_>,
        entity: &'static Entity,
    ) -> Result<(Self, Shape), Error> {
        let keys = keys(ctx, entity)?;
        let mut values = Vec::new();
        let selected = Selected::of(ctx).under(&format!("{}Group", entity.name));
        let members = selected
            .iter()
            .map(|field| (field.key().to_owned(), member(&mut values, entity, &keys, field)));
        let shape = Shape::Object(members.collect());
        let having = match ctx.args.try_get("having") {
            Ok(having) if !having.is_null() => having_of(entity, &having.object()?)?,
            _ => Vec::new(),
        };
        let limit = match ctx.args.try_get("limit") {
            Ok(limit) if !limit.is_null() => match limit.i64() {
                Ok(number) if (0..=10 * MOST).contains(&number) => Some(number),
                _ => {
                    return Err(bad_input(format!(
                        "limit: {} must lie between 0 and {}",
                        limit.as_value(),
                        10 * MOST
                    )));
                }
            },
            _ => None,
        };
        let order = order(ctx, entity, &keys)?;
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
) -> Shape {
    let mut column = |measure: GroupValue| {
        values.push(measure);
        Shape::Value(values.len() - 1, measure.kind())
    };
    let title = match field.name() {
        "count" => return column(GroupValue::Count),
        "key" => "GroupKeys".to_owned(),
        "__typename" => return Shape::TypeName(format!("{}Group", entity.name)),
        function => title(function),
    };
    let type_name = format!("{}{title}", entity.name);
    let mut of = |one: &Selected<'_>| {
        if one.name() == "__typename" {
            return Shape::TypeName(type_name.clone());
        }
        if field.name() == "key" {
            // A key outside the group keys is empty.
            let known = keys.iter().find(|key| key.key == one.name());
            return known.map_or(Shape::Null, |key| column(GroupValue::Key(key)));
        }
        measure(entity, field.name(), one.name()).map_or(Shape::Null, &mut column)
    };
    Shape::Object(
        field.under(&type_name).iter().map(|one| (one.key().to_owned(), of(one))).collect(),
    )
}

/// Finds a function and its column by their names.
fn measure(entity: &'static Entity, function: &str, column: &str) -> Option<GroupValue> {
    let function = FUNCTIONS.into_iter().find(|known| *known == function)?;
    Some(GroupValue::Of(function, numbers(entity).find(|number| number.name == column)?))
}

fn keys(
    ctx: &ResolverContext<'_>,
    entity: &'static Entity,
) -> Result<Vec<&'static GroupKey>, Error> {
    let mut keys: Vec<&GroupKey> = Vec::new();
    if let Ok(argument) = ctx.args.try_get("groupBy")
        && !argument.is_null()
    {
        for one in argument.list()?.iter() {
            let name = one.enum_name()?;
            if let Some(key) = entity.group_keys.iter().find(|key| key.name == name)
                && !keys.iter().any(|known| known.name == key.name)
            {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

fn having_of(
    entity: &'static Entity,
    having: &ObjectAccessor<'_>,
) -> Result<Vec<(GroupValue, &'static str, f64)>, Error> {
    let mut all = Vec::new();
    for (name, value) in having.iter() {
        if value.is_null() {
            continue;
        }
        if name.as_str() == "count" {
            comparisons(&mut all, GroupValue::Count, &value.object()?)?;
            continue;
        }
        for (column, operators) in value.object()?.iter() {
            if let Some(measure) = measure(entity, name.as_str(), column.as_str())
                && !operators.is_null()
            {
                comparisons(&mut all, measure, &operators.object()?)?;
            }
        }
    }
    Ok(all)
}

fn comparisons(
    all: &mut Vec<(GroupValue, &'static str, f64)>,
    measure: GroupValue,
    operators: &ObjectAccessor<'_>,
) -> Result<(), Error> {
    for (operator, value) in operators.iter() {
        let known = ["eq", "ne", "lt", "lte", "gt", "gte"]
            .into_iter()
            .find(|known| *known == operator.as_str());
        let Some(operator) = known else { continue };
        let number = value
            .f64()
            .map_err(|_| bad_input(format!("having: {} must be a number", value.as_value())))?;
        all.push((measure, operator, number));
    }
    Ok(())
}

fn order(
    ctx: &ResolverContext<'_>,
    entity: &'static Entity,
    keys: &[&'static GroupKey],
) -> Result<Vec<(GroupValue, bool)>, Error> {
    let mut terms = Vec::new();
    if let Ok(argument) = ctx.args.try_get("orderBy")
        && !argument.is_null()
    {
        for one in argument.list()?.iter() {
            for (name, value) in one.object()?.iter() {
                if value.is_null() {
                    continue;
                }
                match name.as_str() {
                    "count" => terms.push((GroupValue::Count, value.enum_name()? == "DESC")),
                    "key" => {
                        let descending = value.enum_name()? == "DESC";
                        terms.extend(keys.iter().map(|key| (GroupValue::Key(key), descending)));
                    }
                    function => {
                        for (column, direction) in
                            value.object()?.iter().filter(|(_, direction)| !direction.is_null())
                        {
                            if let Some(measure) = measure(entity, function, column.as_str()) {
                                terms.push((measure, direction.enum_name()? == "DESC"));
                            }
                        }
                    }
                }
            }
        }
    }
    Ok(terms)
}
