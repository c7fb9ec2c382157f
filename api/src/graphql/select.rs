//! A selection of fields into one expression that builds its JSON, for lists within a record:
//! they come in the statement of the record, so that a page takes a fixed number of statements
//! whatever is nested in it.

use async_graphql::Error;
use hotwash_schema::access::Viewer;

use super::catalogue::entity;
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
    /// Condition on the rows a viewer may see: the rule of `hotwash_schema::access`, in its one
    /// place for lists.
    pub fn condition(&self, entity: &Entity, alias: &str) -> Result<Option<Condition>, Error> {
        if entity.visible.is_none() || self.viewer.sees_all_detail() {
            return Ok(None);
        }
        if !self.viewer.sees_detail() {
            return Err(coded(
                Code::Forbidden,
                format!(
                    "a key of role {} may read only aggregates, not {} records; use metrics",
                    self.viewer.role.as_str(),
                    entity.name
                ),
            ));
        }
        Ok(self.aggregate_condition(entity, alias))
    }

    /// Condition on the rows that this viewer's groups count: those whose detail is open to them;
    /// for role `viewer` what is public or state-wide. Counts over others' restricted records could
    /// be differenced down to one record by filters; across regions the metrics answer, which
    /// withhold small cells.
    pub fn aggregate_condition(&self, entity: &Entity, alias: &str) -> Option<Condition> {
        let rule = entity.visible.filter(|_| !self.viewer.sees_all_detail())?;
        let always = Condition::Always(true);
        Some(Condition::Holds(Expression::filled(&rule, alias, &always, &self.regions)))
    }
}

/// JSON object of the fields selected on `entity` under `alias`.
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
        // As `value::global_id` writes it.
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

/// What ties a related record to its parent.
pub struct Tie {
    /// Column of the parent that the relation's column equals.
    pub to: Expression,
    /// Key of the parent.
    pub parent: Expression,
}

impl Tie {
    /// The tie to the parent's row under its alias.
    pub fn of(parent: &Entity, relation: &Relation, alias: &str) -> Self {
        let (join, column) = relation.to;
        let to = Expression::column(&[alias, join].concat(), column);
        Self { to, parent: parent.key(alias) }
    }
}

/// Statement over the related rows, with the table between but not yet those of the related type.
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

/// As [`tied`], with what is always true of the related type and what the viewer may see.
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

/// The file and row that brought a record, as JSON; `alias` is that of the table with the lineage.
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
