//! Aggregate query, parsed from its arguments and its selection.

use async_graphql::Error;
use async_graphql::dynamic::{ObjectAccessor, ResolverContext};

use super::{kind_of, numbers};
use crate::graphql::arguments::MOST;
use crate::graphql::entity::{Entity, EntityField, GroupKey, ScalarKind};
use crate::graphql::error::bad_input;
use crate::graphql::objects::title;
use crate::graphql::selection::Selected;
use crate::graphql::shape::Shape;

/// Something that is told of a group.
#[derive(Clone, Copy, Debug)]
pub enum GroupValue {
    /// Number of records.
    Count,
    /// A key.
    Key(&'static GroupKey),
    /// A function of [`super::FUNCTIONS`] over a column.
    Of(&'static str, &'static EntityField),
}

impl GroupValue {
    /// Kind of its value.
    pub fn kind(self) -> ScalarKind {
        match self {
            Self::Count => ScalarKind::Long,
            Self::Key(key) => key.kind,
            Self::Of(function, field) => kind_of(function, field.kind),
        }
    }
}

/// An aggregate.
#[derive(Debug)]
pub struct AggregateQuery {
    /// Record type.
    pub entity: &'static Entity,
    /// Grouped by these.
    pub keys: Vec<&'static GroupKey>,
    /// Values of each group, by column.
    pub told: Vec<GroupValue>,
    /// Groups that are told: a measure, `eq`, `ne`, `lt`, `lte`, `gt` or `gte`, and a number.
    pub having: Vec<(GroupValue, &'static str, f64)>,
    /// Their order, `DESC` where true; the keys complete it.
    pub order: Vec<(GroupValue, bool)>,
    /// Maximum number of groups; none when the query gave none.
    limit: Option<i64>,
}

impl AggregateQuery {
    /// Reads it, with the shape of a group.
    ///
    /// # Errors
    /// A wrong argument.
    pub fn read(
        ctx: &ResolverContext<'_>,
        entity: &'static Entity,
    ) -> Result<(Self, Shape), Error> {
        let keys = keys(ctx, entity)?;
        let mut told = Vec::new();
        let selected = Selected::of(ctx).under(&format!("{}Group", entity.name));
        let members = selected
            .iter()
            .map(|field| (field.key().to_owned(), member(&mut told, entity, &keys, field)));
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
        Ok((Self { entity, keys, told, having, order, limit }, shape))
    }

    /// Maximum number of groups to read: one more than an answer without `limit` may hold.
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(MOST + 1)
    }

    /// Checks that an answer of so many groups is all of them, or as many as the query asked for.
    ///
    /// # Errors
    /// Fails when there are more groups than an answer without `limit` holds.
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

/// A member of a group, with the columns it takes.
fn member(
    told: &mut Vec<GroupValue>,
    entity: &'static Entity,
    keys: &[&'static GroupKey],
    field: &Selected<'_>,
) -> Shape {
    let mut column = |measure: GroupValue| {
        told.push(measure);
        Shape::Value(told.len() - 1, measure.kind())
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
            // A key that is not grouped by is empty.
            let known = keys.iter().find(|key| key.key == one.name());
            return known.map_or(Shape::Null, |key| column(GroupValue::Key(key)));
        }
        measure(entity, field.name(), one.name()).map_or(Shape::Null, &mut column)
    };
    Shape::Object(
        field.under(&type_name).iter().map(|one| (one.key().to_owned(), of(one))).collect(),
    )
}

/// A function over a column, both by their names.
fn measure(entity: &'static Entity, function: &str, column: &str) -> Option<GroupValue> {
    let function = super::FUNCTIONS.into_iter().find(|known| *known == function)?;
    Some(GroupValue::Of(function, numbers(entity).find(|number| number.name == column)?))
}

fn keys(
    ctx: &ResolverContext<'_>,
    entity: &'static Entity,
) -> Result<Vec<&'static GroupKey>, Error> {
    let mut keys: Vec<&GroupKey> = Vec::new();
    if let Ok(asked) = ctx.args.try_get("groupBy")
        && !asked.is_null()
    {
        for one in asked.list()?.iter() {
            let name = one.enum_name()?;
            if let Some(key) = entity.keys().find(|key| key.name == name)
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
    if let Ok(asked) = ctx.args.try_get("orderBy")
        && !asked.is_null()
    {
        for one in asked.list()?.iter() {
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
