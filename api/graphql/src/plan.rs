//! Compiles a selection into plain columns of a record and its single related records. Related
//! records are joined after paging, so a page of fifty joins fifty rows in any order. Plain columns
//! cost Postgres a third of what JSON does.

use std::sync::Arc;

use async_graphql::Error;

use super::catalog::entity;
use super::dimension::read::read_copies;
use super::dimension::{self, DimensionList};
use super::entity::{Entity, Many, Relation};
use super::filter::Builder;
use super::nested::{self, lineage};
use super::pool::{Planning, QueryPool, Row};
use super::relation::{Tie, joined_and_open, related};
use super::scalar::ScalarKind;
use super::selection::Selected;
use super::shape::Shape;
use super::sql::{Condition, Expression, Join, JoinKind, Names, Order, Select, Source, parts};
use super::viewer_scope::ViewerScope;

/// Alias of the page in the complete statement.
const PAGE: &str = "p";

/// Columns to read, and their joins.
pub struct ColumnPlan<'b> {
    builder: &'b mut Builder,
    seen: &'b ViewerScope,
    alias: String,
    /// Columns of the page's own statement.
    page: Vec<Expression>,
    /// Columns of the complete statement.
    columns: Vec<Expression>,
    joins: Vec<Join>,
    /// Lists of dimension records, each with the column of the dimension's version.
    lists: Vec<(usize, Arc<DimensionList>)>,
}

/// Position of a record while its columns are collected.
struct Level<'e> {
    entity: &'e Entity,
    /// Alias of its table.
    table: String,
    /// True for a related record with a join of its own. Otherwise its columns come from the page.
    joined: bool,
    /// Expressions of a related record, with their column numbers.
    inner: Vec<(usize, Expression)>,
    joins: Vec<Join>,
}

impl<'b> ColumnPlan<'b> {
    /// Creates a plan for records under `alias`.
    pub fn new(builder: &'b mut Builder, seen: &'b ViewerScope, alias: &str) -> Self {
        Self {
            builder,
            seen,
            alias: alias.to_owned(),
            page: Vec::new(),
            columns: Vec::new(),
            joins: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// Adds the selected columns of the record and returns their shape.
    ///
    /// # Errors
    /// Fails when a field may not be seen, or an argument is wrong.
    pub fn record(&mut self, entity: &Entity, fields: &[Selected<'_>]) -> Result<Shape, Error> {
        let table = self.alias.clone();
        let mut level =
            Level { entity, table, joined: false, inner: Vec::new(), joins: Vec::new() };
        let members = self.members(&mut level, fields)?;
        self.joins.append(&mut level.joins);
        Ok(Shape::Object(members))
    }

    /// Adds a column to the page and returns its number.
    pub fn column(&mut self, expression: Expression) -> usize {
        let taken = self.take(expression);
        self.columns.push(taken);
        self.columns.len() - 1
    }

    /// Reads the page's rows in order, up to a maximum number, and what writing them needs.
    ///
    /// # Errors
    /// Fails for a database error.
    pub async fn read(
        mut self,
        pool: &QueryPool,
        entity: &Entity,
        page: Select,
        planning: Planning,
    ) -> Result<Vec<Row>, Error> {
        self.builder.codes().check(pool).await?;
        let lists = std::mem::take(&mut self.lists);
        let rows = pool.query(&self.statement(entity, page), planning).await?;
        read_copies(pool, &lists, &rows).await?;
        Ok(rows)
    }

    /// Builds the statement over the page's tables. `page` has conditions, order and limit.
    fn statement(mut self, entity: &Entity, page: Select) -> Select {
        if self.joins.is_empty()
            && let Some(columns) = self.columns.iter().map(|one| self.own(one)).collect()
        {
            return entity.complete(&self.alias, &[], Select { columns, ..page });
        }
        // Sort again, because joins do not preserve the order.
        let again = page
            .order
            .iter()
            .map(|term| Order { by: self.take(term.by.clone()), direction: term.direction });
        let order = again.collect();
        let names = Names::Numbered((0..self.page.len()).collect());
        let page = Select { columns: self.page, names, ..page };
        let page = entity.complete(&self.alias, &[], page);
        Select {
            columns: self.columns,
            from: Some(Source::Select(Box::new(page), PAGE.to_owned())),
            joins: self.joins,
            order,
            ..Select::default()
        }
    }

    /// Returns the page's expression behind a column of the complete statement, if there is one.
    fn own(&self, column: &Expression) -> Option<Expression> {
        match column {
            Expression::Output(table, at) if table == PAGE => self.page.get(*at).cloned(),
            _ => None,
        }
    }

    fn take(&mut self, expression: Expression) -> Expression {
        let at = self.page.iter().position(|known| *known == expression).unwrap_or_else(|| {
            self.page.push(expression);
            self.page.len() - 1
        });
        Expression::Output(PAGE.to_owned(), at)
    }

    /// Links related records to the record at this level, whose columns come from the page.
    fn tie(&mut self, level: &Level<'_>, relation: &Relation) -> Tie {
        let Tie { to, parent } = Tie::of(level.entity, relation, &level.table);
        if level.joined {
            return Tie { to, parent };
        }
        Tie { to: self.take(to), parent: self.take(parent) }
    }

    fn members(
        &mut self,
        level: &mut Level<'_>,
        fields: &[Selected<'_>],
    ) -> Result<Vec<(String, Shape)>, Error> {
        let mut members = Vec::with_capacity(fields.len());
        for field in fields {
            if let Some(shape) = self.member(level, field)? {
                members.push((field.key().to_owned(), shape));
            }
        }
        Ok(members)
    }

    /// Adds a column of the record at this level. Returns its number in the complete statement.
    fn value(&mut self, level: &mut Level<'_>, expression: Expression) -> usize {
        if level.joined { self.through(level, expression) } else { self.column(expression) }
    }

    /// Adds the key of the record at this level. Returns its number in the complete statement.
    fn key(&mut self, level: &mut Level<'_>) -> usize {
        let key = level.entity.key(&level.table).cast("bigint");
        self.value(level, key)
    }

    /// Adds an expression that the join of a related record provides.
    fn through(&mut self, level: &mut Level<'_>, expression: Expression) -> usize {
        let at = self.columns.len();
        // Reserve the number until the join is known.
        self.columns.push(Expression::Output(String::new(), at));
        level.inner.push((at, expression));
        at
    }

    fn member(
        &mut self,
        level: &mut Level<'_>,
        field: &Selected<'_>,
    ) -> Result<Option<Shape>, Error> {
        let (of, name) = (level.entity, field.name());
        if name == "__typename" {
            return Ok(Some(Shape::Constant(of.name.to_owned())));
        }
        if name == "id" {
            return Ok(Some(Shape::Id(self.key(level), of.name)));
        }
        if let ("source", Some(join)) = (name, of.lineage) {
            let json = lineage(&[&level.table, join].concat(), field).cast("text");
            return Ok(Some(Shape::Json(self.value(level, json))));
        }
        if let Some(column) = of.fields.iter().find(|column| column.name == name && column.shown) {
            let value = Expression::of(&column.formula, &level.table).cast(column.kind.sql());
            let value = match column.kind {
                ScalarKind::Texts => {
                    parts([Expression::Sql("to_json("), value, Expression::Sql(")::text")])
                }
                _ => value,
            };
            return Ok(Some(Shape::Value(self.value(level, value), column.kind)));
        }
        let Some(relation) = of.relations.iter().find(|relation| relation.name == name) else {
            return Ok(None);
        };
        let target = entity(relation.target)?;
        if let Some(joined) = joined_and_open(self.seen, of, relation, &level.table)? {
            return Ok(Some(self.add_joined(level, target, joined, field)?));
        }
        let tie = self.tie(level, relation);
        match relation.many {
            Many::List => {
                if let Some(list) = DimensionList::of(relation, field)? {
                    return Ok(self.dimension(level, relation, list, &tie));
                }
                let nested =
                    nested::connection(self.builder, self.seen, of, relation, field, &tie)?;
                let json = nested.json.cast("text");
                let at = if level.joined {
                    self.through(level, json)
                } else {
                    self.columns.push(json);
                    self.columns.len() - 1
                };
                let Some(key) = nested.parent else { return Ok(Some(Shape::Json(at))) };
                let parent = self.key(level);
                Ok(Some(Shape::Within { at, parent, key, foreign: nested::foreign(of, relation) }))
            }
            Many::One => self.related(level, relation, target, field, &tie).map(Some),
        }
    }

    /// Adds the ids of a list of dimension records.
    fn dimension(
        &mut self,
        level: &mut Level<'_>,
        relation: &Relation,
        list: DimensionList,
        tie: &Tie,
    ) -> Option<Shape> {
        let ids = dimension::ids(relation, &self.builder.alias(), tie)?;
        let at = if level.joined {
            self.through(level, ids)
        } else {
            self.columns.push(ids);
            self.columns.len() - 1
        };
        let version = dimension::version(list.of);
        let known = self.columns.iter().position(|column| *column == version);
        let version = known.unwrap_or_else(|| {
            self.columns.push(version);
            self.columns.len() - 1
        });
        let list = Arc::new(list);
        self.lists.push((version, Arc::clone(&list)));
        Some(Shape::Dimension(at, list))
    }

    /// Adds a related record by a join of its own.
    fn related(
        &mut self,
        level: &mut Level<'_>,
        relation: &Relation,
        target: &Entity,
        field: &Selected<'_>,
        tie: &Tie,
    ) -> Result<Shape, Error> {
        let inner = self.builder.alias();
        let mut below = Level {
            entity: target,
            table: inner.clone(),
            joined: true,
            inner: Vec::new(),
            joins: Vec::new(),
        };
        let present = self.key(&mut below);
        let members = self.members(&mut below, &field.under(target.name))?;
        let mut select = related(self.seen, target, relation, &inner, tie)?;
        let (numbers, columns): (Vec<usize>, Vec<Expression>) = below.inner.into_iter().unzip();
        let joined = [&inner, "j"].concat();
        for at in &numbers {
            let handed_on = Expression::Output(joined.clone(), *at);
            if level.joined {
                level.inner.push((*at, handed_on));
            } else if let Some(column) = self.columns.get_mut(*at) {
                *column = handed_on;
            }
        }
        (select.columns, select.names) = (columns, Names::Numbered(numbers));
        select.joins.append(&mut below.joins);
        let select = target.complete(&inner, &[], select);
        level.joins.push(Join {
            kind: JoinKind::LeftLateral,
            source: Source::Select(Box::new(select), joined),
            on: Condition::Always(true),
        });
        Ok(Shape::One(present, members))
    }

    /// Adds a related record whose row is already joined, so that its columns need no further join.
    fn add_joined(
        &mut self,
        level: &mut Level<'_>,
        target: &Entity,
        joined: String,
        field: &Selected<'_>,
    ) -> Result<Shape, Error> {
        let mut there = Level {
            entity: target,
            table: joined,
            joined: level.joined,
            inner: std::mem::take(&mut level.inner),
            joins: std::mem::take(&mut level.joins),
        };
        let present = self.key(&mut there);
        let members = self.members(&mut there, &field.under(target.name))?;
        (level.inner, level.joins) = (there.inner, there.joins);
        Ok(Shape::One(present, members))
    }
}
