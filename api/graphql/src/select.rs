//! Compiles a selection into one expression that builds its JSON, for lists within a record. These
//! lists are part of the record's statement. A page therefore needs a fixed number of statements,
//! however deep the nesting.

use async_graphql::Error;
use hotwash_schema::access::Viewer;

use super::catalog::entity;
use super::entity::{Entity, Many, Relation, ScalarKind};
use super::error::{Code, coded};
use super::filter::Builder;
use super::nested;
use super::selection::Selected;
use super::sql::{self, Comparison, Condition, Expression, Join, JoinKind, Select, Source, parts};

/// Viewer, with the ids of the viewer's regions.
#[derive(Clone, Debug)]
pub struct ViewerScope {
    /// The viewer.
    pub viewer: Viewer,
    /// Ids of the viewer's regions.
    pub regions: Vec<i32>,
}

impl ViewerScope {
    /// Returns the condition on rows that the viewer may see. Implements the rule of
    /// `hotwash_schema::access` for all lists.
    pub fn condition(&self, entity: &Entity, alias: &str) -> Result<Option<Condition>, Error> {
        if entity.visible.is_none() || self.viewer.sees_all_detail() {
            return Ok(None);
        }
        if !self.viewer.sees_detail() {
            return Err(coded(
                Code::Forbidden,
                format!(
                    "a key of role {} may read only aggregates, not {} records; use metrics",
                    self.viewer.role.code(),
                    entity.name
                ),
            ));
        }
        Ok(self.aggregate_condition(entity, alias))
    }

    /// Returns the condition on rows that the viewer's groups count: those whose detail is open to
    /// the viewer. Role `viewer` counts public and statewide records. Filtered counts over other
    /// restricted records could be differenced down to one record. Metrics cover all regions
    /// instead, and suppress small cells.
    pub fn aggregate_condition(&self, entity: &Entity, alias: &str) -> Option<Condition> {
        let rule = entity.visible.filter(|_| !self.viewer.sees_all_detail())?;
        let always = Condition::Always(true);
        Some(Condition::Holds(Expression::filled(&rule, alias, &always, &self.regions)))
    }
}

/// Builds a JSON object of the fields selected on `entity` under `alias`.
pub fn object(
    builder: &mut Builder,
    seen: &ViewerScope,
    entity: &Entity,
    alias: &str,
    fields: &[Selected<'_>],
) -> Result<Expression, Error> {
    let mut members = Vec::new();
    for field in fields {
        if let Some(value) = member(builder, seen, entity, alias, field)? {
            members.push((field.key().to_owned(), value));
        }
    }
    Ok(sql::object(members))
}

fn member(
    builder: &mut Builder,
    seen: &ViewerScope,
    of: &Entity,
    alias: &str,
    field: &Selected<'_>,
) -> Result<Option<Expression>, Error> {
    let name = field.name();
    if name == "__typename" {
        return Ok(Some(Expression::text(of.name)));
    }
    if name == "id" {
        // Same format as `hotwash_schema::global_id`.
        return Ok(Some(parts([
            Expression::Sql("translate(encode(convert_to("),
            Expression::text([of.name, ":"].concat()),
            Expression::Sql(" || "),
            of.key(alias),
            Expression::Sql(", 'UTF8'), 'base64'), '+/=', '-_')"),
        ])));
    }
    if let ("source", Some(join)) = (name, of.lineage) {
        return Ok(Some(lineage(&[alias, join].concat(), field)));
    }
    if let Some(column) = of.fields.iter().find(|column| column.name == name && column.shown) {
        let value = Expression::of(&column.formula, alias);
        return Ok(Some(match column.kind {
            ScalarKind::DateTime => parts([
                Expression::Sql("to_char("),
                value,
                Expression::Sql(" at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"),
            ]),
            _ => value,
        }));
    }
    let Some(relation) = of.relations.iter().find(|relation| relation.name == name) else {
        return Ok(None);
    };
    let tie = Tie::of(of, relation, alias);
    Ok(Some(match relation.many {
        Many::One => {
            let target = entity(relation.target);
            let inner = builder.alias();
            let mut select = related(seen, target, relation, &inner, &tie)?;
            select.columns =
                vec![object(builder, seen, target, &inner, &field.under(target.name))?];
            select.limit = Some(1);
            Expression::Select(Box::new(target.complete(&inner, &[], select)))
        }
        Many::List => {
            let nested = nested::connection(builder, seen, of, relation, field, &tie)?;
            if nested.parent.is_some() {
                return Err(nested::foreign(of, relation));
            }
            nested.json
        }
    }))
}

/// Link from a related record to its parent.
pub struct Tie {
    /// Column of the parent that equals the relation's column.
    pub to: Expression,
    /// Key of the parent.
    pub parent: Expression,
}

impl Tie {
    /// Creates the link to the parent's row under its alias.
    pub fn of(parent: &Entity, relation: &Relation, alias: &str) -> Self {
        let (join, column) = relation.to;
        let to = Expression::column(&[alias, join].concat(), column);
        Self { to, parent: parent.key(alias) }
    }
}

/// Builds a statement over the related rows. Includes the link table, but no tables of the related
/// type.
pub fn tied(relation: &Relation, inner: &str, tie: &Tie) -> Select {
    let mut select = Select::default();
    let mut of = inner.to_owned();
    if let Some(link) = relation.link {
        of.push('k');
        let on = Condition::equal(
            Expression::column(&of, link.column),
            Expression::column(inner, link.column),
        );
        let source = Source::Table(link.table, of.clone());
        select.joins.push(Join { kind: JoinKind::Inner, source, on });
    }
    let column = Expression::column(&of, relation.column);
    if relation.skips_none {
        let known = Condition::Compare(column.clone(), Comparison::Greater, Expression::Number(0));
        select.conditions.push(known);
    }
    select.conditions.push(Condition::equal(column, tie.to.clone()));
    select
}

/// Extends [`tied`] with the conditions of the related type and of the viewer.
pub fn related(
    seen: &ViewerScope,
    target: &Entity,
    relation: &Relation,
    inner: &str,
    tie: &Tie,
) -> Result<Select, Error> {
    let mut select = tied(relation, inner, tie);
    select.conditions.extend(target.always(inner));
    select.conditions.extend(seen.condition(target, inner)?);
    Ok(select)
}

/// Builds the JSON of a record's file and row. `alias` is that of the table with the lineage.
pub fn lineage(alias: &str, field: &Selected<'_>) -> Expression {
    let file = |name: &'static str| Expression::column("f", name);
    let own = |name: &'static str| Expression::column(alias, name);
    let fields = field.under("RecordSource");
    let members = fields.iter().filter_map(|one| {
        let value = match one.name() {
            "file" => file("name"),
            "row" => own("source_row"),
            "batch" => own("batch_id"),
            "source" => file("source"),
            "__typename" => Expression::text("RecordSource"),
            _ => return None,
        };
        Some((one.key().to_owned(), value))
    });
    Expression::Select(Box::new(Select {
        columns: vec![sql::object(members.collect())],
        from: Some(Source::Table("meta.file", "f".into())),
        conditions: vec![Condition::equal(file("file_id"), own("file_id"))],
        ..Select::default()
    }))
}
