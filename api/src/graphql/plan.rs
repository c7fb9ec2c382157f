//! A selection of fields into plain columns: a record's own and those of single related records,
//! joined after the page has been cut, so that a page of fifty joins fifty rows whatever its order.
//! Plain columns cost Postgres a third of what JSON does.

use async_graphql::Error;

use super::catalogue::entity;
use super::entity::{Entity, Many};
use super::filter::Builder;
use super::nested;
use super::select::{Tie, ViewerScope, lineage, related};
use super::selection::Selected;
use super::shape::Shape;

/// Columns to be read, and how they hang together.
pub struct ColumnPlan<'b> {
    builder: &'b mut Builder,
    seen: &'b ViewerScope,
    alias: String,
    /// What the page's own statement gives, as `c0`, `c1`…
    page: Vec<String>,
    /// What the whole statement gives.
    columns: Vec<String>,
    joins: String,
}

/// Where a record stands while its columns are collected.
struct Level<'e> {
    entity: &'e Entity,
    /// Alias of its table.
    table: String,
    /// A related record that is joined; the columns of the page's own, and of those beside it, are
    /// taken through the page.
    joined: bool,
    /// Expressions with their numbers, for a related record.
    inner: Vec<(usize, String)>,
    joins: String,
}

impl<'b> ColumnPlan<'b> {
    /// A plan for records under `alias`.
    pub fn new(builder: &'b mut Builder, seen: &'b ViewerScope, alias: &str) -> Self {
        Self {
            builder,
            seen,
            alias: alias.to_owned(),
            page: Vec::new(),
            columns: Vec::new(),
            joins: String::new(),
        }
    }

    /// Adds what is selected on the record; the shape writes it.
    ///
    /// # Errors
    /// Fails when a field may not be seen, or an argument is wrong.
    pub fn record(&mut self, entity: &Entity, fields: &[Selected<'_>]) -> Result<Shape, Error> {
        let table = self.alias.clone();
        let mut level =
            Level { entity, table, joined: false, inner: Vec::new(), joins: String::new() };
        let members = self.members(&mut level, fields)?;
        self.joins.push_str(&level.joins);
        Ok(Shape::Object(members))
    }

    /// Adds a column of the page's own, by its expression; gives its number.
    pub fn column(&mut self, sql: String) -> usize {
        let taken = self.take(sql);
        self.columns.push(taken);
        self.columns.len() - 1
    }

    /// The statement over the page's tables, in order, at most so many rows.
    pub fn statement(
        mut self,
        from: &str,
        wheres: &str,
        order: &[(String, &str)],
        limit: Option<i64>,
    ) -> String {
        let limit = limit.map(|limit| format!(" limit {limit}")).unwrap_or_default();
        let ordered: Vec<String> =
            order.iter().map(|(sql, direction)| format!("{sql} {direction}")).collect();
        let by = if ordered.is_empty() {
            String::new()
        } else {
            format!(" order by {}", ordered.join(", "))
        };
        if self.joins.is_empty() && self.columns.iter().all(|column| column.starts_with("p.c")) {
            let columns: Vec<&str> = self.columns.iter().filter_map(|one| self.own(one)).collect();
            let columns = if columns.is_empty() { "1".to_owned() } else { columns.join(", ") };
            return format!("select {columns} from {from} where {wheres}{by}{limit}");
        }
        // Joins keep no order by themselves.
        let again: Vec<String> = order
            .iter()
            .map(|(sql, direction)| format!("{} {direction}", self.take(sql.clone())))
            .collect();
        let by_again = if again.is_empty() {
            String::new()
        } else {
            format!(" order by {}", again.join(", "))
        };
        let page: Vec<String> =
            self.page.iter().enumerate().map(|(at, sql)| format!("{sql} as c{at}")).collect();
        format!(
            "select {} from (select {} from {from} where {wheres}{by}{limit}) p{}{by_again}",
            self.columns.join(", "),
            page.join(", "),
            self.joins
        )
    }

    fn own(&self, column: &str) -> Option<&str> {
        self.page.get(column.strip_prefix("p.c")?.parse::<usize>().ok()?).map(String::as_str)
    }

    fn take(&mut self, sql: String) -> String {
        let at = self.page.iter().position(|known| *known == sql).unwrap_or_else(|| {
            self.page.push(sql);
            self.page.len() - 1
        });
        format!("p.c{at}")
    }

    /// Puts the parent into a condition: its alias, or the page's column of each of its columns.
    fn tie(&mut self, level: &Level<'_>, text: &str) -> String {
        if level.joined {
            return text.replace("{t}", &level.table);
        }
        let mut pieces = text.split("{t}");
        let mut tied = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            // `{t}e.event_id`: what follows is a suffix of the alias, a point and a column.
            let end = piece.find(|letter: char| {
                !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '.')
            });
            let (reference, rest) = piece.split_at(end.unwrap_or(piece.len()));
            let sql = format!("{}{reference}", level.table);
            tied.push_str(&self.take(sql));
            tied.push_str(rest);
        }
        tied
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

    /// A column of the record at this level; gives its number in the whole statement.
    fn value(&mut self, level: &mut Level<'_>, sql: String) -> usize {
        if level.joined { self.through(level, sql) } else { self.column(sql) }
    }

    /// An expression that a related record's join hands on.
    fn through(&mut self, level: &mut Level<'_>, sql: String) -> usize {
        let at = self.columns.len();
        self.columns.push(format!("c{at}"));
        level.inner.push((at, sql));
        at
    }

    fn member(
        &mut self,
        level: &mut Level<'_>,
        field: &Selected<'_>,
    ) -> Result<Option<Shape>, Error> {
        let (of, name) = (level.entity, field.name());
        let table = level.table.clone();
        if name == "__typename" {
            return Ok(Some(Shape::TypeName(of.name.to_owned())));
        }
        if name == "id" {
            let sql = format!("({})::bigint", of.id.replace("{t}", &table));
            return Ok(Some(Shape::Id(self.value(level, sql), of.name)));
        }
        if name == "source" && !of.lineage.is_empty() {
            let json = format!("{}::text", lineage(&of.lineage.replace("{t}", &table), field));
            return Ok(Some(Shape::Json(self.value(level, json))));
        }
        if let Some(column) = of.fields.iter().find(|column| column.name == name && column.shown) {
            let sql = format!("({})::{}", column.sql.replace("{t}", &table), column.kind.sql());
            return Ok(Some(Shape::Value(self.value(level, sql), column.kind)));
        }
        let Some(relation) = of.relations.iter().find(|relation| relation.name == name) else {
            return Ok(None);
        };
        if let Some(suffix) = of.beside(relation) {
            let target = entity(relation.target);
            if self.open_with(of, target, suffix)? {
                return Ok(Some(self.beside(level, target, suffix, field)?));
            }
        }
        let tie = Tie {
            on: self.tie(level, relation.on),
            through: self.tie(level, relation.through),
            parent: self.tie(level, of.id),
        };
        match relation.many {
            Many::List => {
                let nested =
                    nested::connection(self.builder, self.seen, of, relation, field, &tie)?;
                let json = format!("{}::text", nested.sql);
                let at = if level.joined {
                    self.through(level, json)
                } else {
                    self.columns.push(json);
                    self.columns.len() - 1
                };
                let Some(key) = nested.parent else { return Ok(Some(Shape::Json(at))) };
                let parent =
                    self.value(level, format!("({})::bigint", of.id.replace("{t}", &table)));
                Ok(Some(Shape::Within { at, parent, key, foreign: nested::foreign(of, relation) }))
            }
            Many::One => {
                let target = entity(relation.target);
                let inner = self.builder.alias();
                let table = inner.clone();
                let mut below = Level {
                    entity: target,
                    table,
                    joined: true,
                    inner: Vec::new(),
                    joins: String::new(),
                };
                let present = self
                    .through(&mut below, format!("({})::bigint", target.id.replace("{t}", &inner)));
                let members = self.members(&mut below, &field.under(target.name))?;
                let (from, wheres) = related(self.seen, target, &inner, &tie)?;
                let list: Vec<String> =
                    below.inner.iter().map(|(at, sql)| format!("{sql} as c{at}")).collect();
                level.joins.push_str(&format!(
                    " left join lateral (select {} from {from}{} where {wheres}) {inner}j on true",
                    list.join(", "),
                    below.joins
                ));
                for (at, _) in below.inner {
                    let sql = format!("{inner}j.c{at}");
                    if level.joined {
                        level.inner.push((at, sql));
                    } else {
                        self.columns[at] = sql;
                    }
                }
                Ok(Some(Shape::One(present, members)))
            }
        }
    }

    /// Returns whether a related record is open to whoever may see the record beside which it
    /// stands.
    fn open_with(&self, of: &Entity, target: &Entity, suffix: &str) -> Result<bool, Error> {
        let its_own = self.seen.condition(target, "{t}")?;
        Ok(its_own.is_none()
            || of.visible == target.visible.replace("{t}", &format!("{{t}}{suffix}")))
    }

    /// A related record whose row stands beside the record's own in its tables: its columns need no
    /// join.
    fn beside(
        &mut self,
        level: &mut Level<'_>,
        target: &Entity,
        suffix: &str,
        field: &Selected<'_>,
    ) -> Result<Shape, Error> {
        let mut there = Level {
            entity: target,
            table: format!("{}{suffix}", level.table),
            joined: level.joined,
            inner: std::mem::take(&mut level.inner),
            joins: std::mem::take(&mut level.joins),
        };
        let present = format!("({})::bigint", target.id.replace("{t}", &there.table));
        let present = self.value(&mut there, present);
        let members = self.members(&mut there, &field.under(target.name))?;
        (level.inner, level.joins) = (there.inner, there.joins);
        Ok(Shape::One(present, members))
    }
}
