//! Plans the statement of a file: its columns, the filters, and the viewer's access rules.

use async_graphql::indexmap::IndexMap;
use hotwash_graphql::catalog::references::{LinkTable, Reference};
use hotwash_graphql::entity::{Entity, TableJoin};
use hotwash_graphql::error::Code;
use hotwash_graphql::sql::{
    Condition, Expression, Join, JoinKind, Names, Order, Select, Source, Value, parts,
};
use hotwash_graphql::{
    Builder, JsonError, NamedCodes, QueryPool, ViewerScope, condition, read_json,
};
use hotwash_schema::nearest::choices;

use super::cell::{ExportOptions, in_file};
use super::file::{ExportFile, FileRows, FileValue};
use super::{ExportColumn, ExportError};

/// Alias of a link table.
const LINK: &str = "k";

/// An export, ready to run.
#[derive(Debug)]
pub struct Export {
    pub(super) columns: Vec<ExportColumn>,
    pub(super) select: Select,
    pub(super) options: ExportOptions,
    /// Codes that the filters name.
    codes: NamedCodes,
}

impl Export {
    /// Checks that the reference lists have the codes that the filters name.
    ///
    /// # Errors
    /// Fails for an unknown code, or a database error.
    pub async fn check_codes(&self, pool: &QueryPool) -> Result<(), ExportError> {
        let checked = self.codes.check(pool).await;
        checked.map_err(|error| ExportError::Coded(Code::of(&error), error.message))
    }
}

/// Plans the export of a file. A filter is a column's name and a value, or `filter` and a GraphQL
/// filter as JSON. A column that is named several times has one of these values.
///
/// # Errors
/// Fails for an unknown filter, or when the viewer may not read records.
pub fn plan(
    file: &ExportFile,
    filters: &[(String, String)],
    options: ExportOptions,
    seen: &ViewerScope,
) -> Result<Export, ExportError> {
    let mut codes = NamedCodes::default();
    let statement = match file.rows {
        FileRows::Records(entity) => {
            let mut rows = records(file, entity, options, seen)?;
            let mut by_column: IndexMap<&str, Vec<&str>> = IndexMap::new();
            for (name, value) in filters {
                by_column.entry(name).or_default().push(value);
            }
            let mut all = Vec::new();
            for value in by_column.shift_remove("filter").unwrap_or_default() {
                all.push(json_filter(value)?);
            }
            for (name, values) in by_column {
                all.push(one_of(entity, name, &values)?);
            }
            for filter in all {
                let filter = filter_of(&mut rows.builder, entity, &rows.alias, filter)?;
                rows.select.conditions.push(filter);
            }
            codes = rows.builder.take_codes();
            rows.finish()
        }
        FileRows::Links(_) if !filters.is_empty() => {
            return Err(ExportError::Filter(format!(
                "{}: takes no filter; filter the records that it links",
                file.name
            )));
        }
        FileRows::Links(of) => ids_of_links(of, seen)?,
    };
    Ok(Export { codes, ..of_columns(file, statement, options) })
}

/// Plans the export of the rows whose keys in these columns are among the given keys: the record's
/// own key in a file of records, both keys in a file of links.
///
/// # Errors
/// Fails when the viewer may not read records.
pub(super) fn plan_of_keys(
    file: &ExportFile,
    keys: &[&[i64]],
    options: ExportOptions,
    seen: &ViewerScope,
) -> Result<Export, ExportError> {
    let statement = match file.rows {
        FileRows::Records(entity) => {
            let mut rows = records(file, entity, options, seen)?;
            let own = entity.key(&rows.alias);
            rows.select.conditions.extend(keys.iter().map(|keys| among(own.clone(), keys)));
            rows.finish()
        }
        FileRows::Links(of) => {
            let mut select = ids_of_links(of, seen)?;
            for (side, keys) in of.sides.iter().zip(keys) {
                let column = Expression::column(LINK, side.column.1);
                select.conditions.push(among(column, keys));
            }
            select
        }
    };
    Ok(of_columns(file, statement, options))
}

/// Plans a statement of the rows of a file whose own key, or this reference, is one of the keys.
/// Its one column is the array of the record's key and of the keys that it references. Returns the
/// types of these keys, too.
///
/// # Errors
/// Fails when the viewer may not read records.
pub(super) fn select_keys(
    file: &ExportFile,
    by: Option<&Reference>,
    keys: &[i64],
    seen: &ViewerScope,
) -> Result<(Vec<&'static str>, Select), ExportError> {
    let mut names: Vec<&str> = file.references().map(|reference| reference.target.name).collect();
    let (mut listed, mut select) = match file.rows {
        FileRows::Records(entity) => {
            let mut rows = Rows::of(entity, seen)?;
            let key = entity.key(&rows.alias);
            let by = match by {
                Some(Reference { column: (join, column), .. }) => {
                    Expression::column(&[&rows.alias, *join].concat(), column)
                }
                None => key.clone(),
            };
            rows.select.conditions.push(among(by, keys));
            let mut listed = vec![key];
            for reference in file.references() {
                listed.push(rows.reference(reference, seen)?);
            }
            names.insert(0, entity.name);
            // The columns decide which tables of the type are joined.
            rows.select.columns.clone_from(&listed);
            (listed, rows.finish())
        }
        FileRows::Links(of) => {
            let (listed, mut select) = links(of, seen)?;
            let by = by.map(|by| among(Expression::column(LINK, by.column.1), keys));
            select.conditions.extend(by);
            (listed, select)
        }
    };
    let mut array = vec![Expression::Sql("array[")];
    for (at, key) in listed.drain(..).enumerate() {
        array.extend((at > 0).then_some(Expression::Sql(", ")));
        array.push(key);
    }
    array.push(Expression::Sql("]::bigint[]"));
    select.columns = vec![Expression::Parts(array)];
    Ok((names, select))
}

fn of_columns(file: &ExportFile, mut select: Select, options: ExportOptions) -> Export {
    let columns = file.columns.iter();
    let columns = columns.map(|column| ExportColumn::new(column.name, column.kind)).collect();
    select.names = Names::Listed(file.columns.iter().map(|column| column.name).collect());
    Export { columns, select, options, codes: NamedCodes::default() }
}

/// Returns the condition that a key is one of these.
fn among(key: Expression, keys: &[i64]) -> Condition {
    let keys = Expression::Value(Value::Keys(keys.to_vec()));
    Condition::Holds(parts([key, Expression::Sql(" = any("), keys, Expression::Sql(")")]))
}

/// Statement over the records of a type, without the tables of the type.
pub(super) struct Rows {
    entity: &'static Entity,
    builder: Builder,
    pub(super) alias: String,
    joins: Vec<TableJoin>,
    pub(super) select: Select,
}

impl Rows {
    /// Starts the statement over the records that the viewer may see.
    pub(super) fn of(entity: &'static Entity, seen: &ViewerScope) -> Result<Self, ExportError> {
        let mut builder = Builder::new(seen);
        let alias = builder.alias();
        let mut select = Select::default();
        select.conditions.extend(entity.always(&alias));
        let visible = seen.condition(entity, &alias).map_err(|_| ExportError::Forbidden)?;
        select.conditions.extend(visible);
        select.order.push(Order { by: entity.key(&alias), direction: "asc" });
        Ok(Self { entity, builder, alias, joins: Vec::new(), select })
    }

    /// Returns the key of a referenced record, empty if the viewer may not see that record.
    pub(super) fn reference(
        &mut self,
        reference: &Reference,
        seen: &ViewerScope,
    ) -> Result<Expression, ExportError> {
        let (join, column) = reference.column;
        let own = Expression::column(&[&self.alias, join].concat(), column);
        let target = reference.target;
        let is_open = target.only.is_none() && target.visible.is_none();
        if is_open || reference.is_never_empty {
            return Ok(own);
        }
        let alias = ["x", &self.select.joins.len().to_string()].concat();
        let (join, key) = joined(JoinKind::Left, target, alias, own, seen)?;
        self.select.joins.push(join);
        Ok(key)
    }

    /// Adds the tables of the type.
    pub(super) fn finish(self) -> Select {
        self.entity.complete(&self.alias, &self.joins, self.select)
    }
}

fn records(
    file: &ExportFile,
    entity: &'static Entity,
    options: ExportOptions,
    seen: &ViewerScope,
) -> Result<Rows, ExportError> {
    let mut rows = Rows::of(entity, seen)?;
    for column in &file.columns {
        let value = match &column.value {
            FileValue::Id => global_id(entity, entity.key(&rows.alias)),
            FileValue::Reference(reference) => {
                global_id(reference.target, rows.reference(reference, seen)?)
            }
            FileValue::Formula(formula, joins) => {
                for join in *joins {
                    if !rows.joins.contains(join) {
                        rows.joins.push(*join);
                    }
                }
                Expression::of(formula, &rows.alias)
            }
        };
        rows.select.columns.push(match column.value {
            FileValue::Formula(..) => in_file(value, column.kind, options),
            FileValue::Id | FileValue::Reference(_) => value,
        });
    }
    Ok(rows)
}

/// Returns the keys of both records of each link, and the statement without columns.
fn links(of: &LinkTable, seen: &ViewerScope) -> Result<(Vec<Expression>, Select), ExportError> {
    let from = Some(Source::Table(of.table, LINK.to_owned()));
    let (mut keys, mut select) = (Vec::new(), Select { from, ..Select::default() });
    select.conditions.extend(of.only.map(|only| Condition::Holds(Expression::of(&only, LINK))));
    for (at, side) in of.sides.iter().enumerate() {
        let own = Expression::column(LINK, side.column.1);
        let alias = ["x", &at.to_string()].concat();
        let (join, key) = joined(JoinKind::Inner, side.target, alias, own.clone(), seen)?;
        select.joins.push(join);
        select.order.push(Order { by: own, direction: "asc" });
        keys.push(key);
    }
    Ok((keys, select))
}

/// Returns the statement of a file of links.
fn ids_of_links(of: &LinkTable, seen: &ViewerScope) -> Result<Select, ExportError> {
    let (keys, mut select) = links(of, seen)?;
    let ids = of.sides.iter().zip(keys).map(|(side, key)| global_id(side.target, key));
    select.columns.extend(ids);
    Ok(select)
}

/// Joins the records of a type that the viewer may see by their key.
fn joined(
    kind: JoinKind,
    target: &'static Entity,
    alias: String,
    key: Expression,
    seen: &ViewerScope,
) -> Result<(Join, Expression), ExportError> {
    let mut open = Rows::of(target, seen)?;
    open.select.order.clear();
    open.select.columns.push(target.key(&open.alias));
    open.select.names = Names::Numbered(vec![0]);
    let found = Expression::Output(alias.clone(), 0);
    let on = Condition::equal(found.clone(), key);
    let source = Source::Select(Box::new(open.finish()), alias);
    Ok((Join { kind, source, on }, found))
}

/// Returns the global id of a record, as `hotwash_schema::global_id` makes it.
fn global_id(of: &Entity, key: Expression) -> Expression {
    parts([
        Expression::Sql("rtrim(encode(('"),
        Expression::Sql(of.name),
        Expression::Sql(":' || "),
        key,
        // Letters, digits and a colon give none of the characters in which the alphabets differ.
        Expression::Sql(")::bytea, 'base64'), '=')"),
    ])
}

fn filter_of(
    builder: &mut Builder,
    entity: &'static Entity,
    alias: &str,
    filter: serde_json::Value,
) -> Result<Condition, ExportError> {
    let filter = async_graphql::Value::from_json(filter)
        .map_err(|error| ExportError::Filter(error.to_string()))?;
    let async_graphql::Value::Object(filter) = filter else {
        return Err(ExportError::Filter(
            "filter must be an object, as {\"regionCode\": {\"eq\": \"3\"}}".into(),
        ));
    };
    condition(builder, entity, alias, &filter).map_err(|error| ExportError::Filter(error.message))
}

fn json_filter(text: &str) -> Result<serde_json::Value, ExportError> {
    read_json(text.as_bytes()).map_err(|error| match error {
        JsonError::TooDeep(_) => ExportError::Filter(format!("filter: {error}")),
        JsonError::Malformed(_) => ExportError::Filter(format!("filter is not JSON: {error}")),
    })
}

/// Builds a filter that requires one of some values of a column.
fn one_of(entity: &Entity, name: &str, values: &[&str]) -> Result<serde_json::Value, ExportError> {
    let Some(field) = entity.fields.iter().find(|field| field.name == name) else {
        let choices = choices(name, entity.fields.iter().map(|field| field.name));
        return Err(ExportError::Filter(format!(
            "{}: there is no column {name} to filter by{choices}, and filter with a filter of \
             GraphQL as JSON",
            entity.list
        )));
    };
    Ok(serde_json::json!({ field.name: { "in": values } }))
}
