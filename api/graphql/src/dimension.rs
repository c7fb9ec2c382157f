//! Lists of dimension records, such as the regions of an event. The statement returns their ids,
//! and the records come from a copy of the dimension in memory: Postgres joins nothing and builds
//! no JSON for them.
//!
//! Each row also returns the version of the dimension. A copy of another version is read again
//! before the answer is written.

pub mod read;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_graphql::Error;

use super::arguments::ListArguments;
use super::catalog::entity;
use super::entity::{Entity, EntityField, Many, Relation};
use super::error::internal;
use super::json::{key, listed, text};
use super::relation::Tie;
use super::selection::Selected;
use super::sql::{Condition, Expression, Select, Source, parts};

/// Returns the fields that a copy of the dimension contains: columns of its own table.
fn stored(of: &Entity) -> impl Iterator<Item = &'static EntityField> {
    of.fields.iter().filter(|field| field.shown && field.formula.is_plain())
}

/// Builds the version of a dimension: it rises when its table, or a setting that limits it,
/// changes.
pub fn version(of: &Entity) -> Expression {
    parts([
        Expression::Sql(
            "(select coalesce(sum(version), 0)::bigint from meta.table_version where table_name in \
             ('meta.setting', 'warehouse.region_scheme', ",
        ),
        Expression::text(of.table),
        Expression::Sql("))"),
    ])
}

/// Builds the ids of a record's list; `alias` is that of the link table.
pub fn ids(relation: &Relation, alias: &str, tie: &Tie) -> Option<Expression> {
    let link = relation.link?;
    let to = Expression::column(alias, relation.column);
    let mut conditions = vec![Condition::equal(to, tie.to.clone())];
    conditions.extend(link.only.map(|only| Condition::Holds(Expression::of(&only, alias))));
    let select = Select {
        columns: vec![Expression::column(alias, link.column)],
        from: Some(Source::Table(link.table, alias.to_owned())),
        conditions,
        ..Select::default()
    };
    Some(parts([Expression::Sql("array"), Expression::Select(Box::new(select))]))
}

/// Value of a member of a record.
#[derive(Debug)]
enum Member {
    TypeName,
    /// JSON by its position in the copy.
    Stored(usize),
}

/// Members of a record, by response name.
type Members = Vec<(String, Member)>;

/// Member of a page's position.
#[derive(Debug)]
enum Info {
    HasNextPage,
    HasPreviousPage,
    TypeName,
}

#[derive(Debug)]
enum Part {
    Total,
    TypeName(String),
    PageInfo(Vec<(String, Info)>),
    Nodes(Members),
    /// Edges; a member without fields is the name of the type.
    Edges(Vec<(String, Option<Members>)>),
}

/// Connection of dimension records, without filter, order and cursors.
#[derive(Debug)]
pub struct DimensionList {
    /// Type of the records.
    pub of: &'static Entity,
    size: usize,
    parts: Vec<(String, Part)>,
    /// DimensionCopy of the dimension, once it is known that it has the version of the rows.
    copy: OnceLock<Arc<DimensionCopy>>,
}

impl DimensionList {
    /// Creates the list of a field. Returns none if only Postgres can answer it.
    ///
    /// # Errors
    /// Fails for an invalid argument.
    pub fn of(relation: &Relation, field: &Selected<'_>) -> Result<Option<Self>, Error> {
        let of = entity(relation.target)?;
        let is_linked = relation.many == Many::List && relation.link.is_some();
        if !is_linked || relation.skips_none || !of.is_dimension() {
            return Ok(None);
        }
        let arguments = ListArguments::read(field)?;
        if !arguments.is_default_order() {
            return Ok(None);
        }
        let selected = field.under(&[of.name, "Connection"].concat());
        let parts = selected.iter().map(|one| Some((one.key().to_owned(), part(of, one)?)));
        let Some(parts) = parts.collect::<Option<Vec<_>>>() else { return Ok(None) };
        let size = usize::try_from(arguments.size).unwrap_or(usize::MAX);
        Ok(Some(Self { of, size, parts, copy: OnceLock::new() }))
    }

    /// Writes the records with these ids.
    ///
    /// # Errors
    /// Fails if the copy was not read before.
    pub fn write(&self, ids: &[i32], out: &mut Vec<u8>) -> Result<(), Error> {
        let copy =
            self.copy.get().ok_or_else(|| internal(&"the copy of a dimension was not read"))?;
        let mut records: Vec<&Record> = ids.iter().filter_map(|id| copy.records.get(id)).collect();
        records.sort_unstable_by_key(|record| record.position);
        let page = records.get(..self.size).unwrap_or(&records);
        out.push(b'{');
        for (at, (name, part)) in self.parts.iter().enumerate() {
            key(name, at == 0, out);
            match part {
                Part::Total => out.extend_from_slice(records.len().to_string().as_bytes()),
                Part::TypeName(name) => text(name, out),
                Part::PageInfo(members) => {
                    write_members(members, out, |member, out| match member {
                        Info::HasNextPage => flag(page.len() < records.len(), out),
                        Info::HasPreviousPage => flag(false, out),
                        Info::TypeName => text("PageInfo", out),
                    });
                }
                Part::Nodes(members) => listed(page, out, |record, out| {
                    self.write_record(members, record, out);
                    Ok(())
                })?,
                Part::Edges(edges) => listed(page, out, |record, out| {
                    write_members(edges, out, |node, out| match node {
                        Some(members) => self.write_record(members, record, out),
                        None => text(&[self.of.name, "Edge"].concat(), out),
                    });
                    Ok(())
                })?,
            }
        }
        out.push(b'}');
        Ok(())
    }

    fn write_record(&self, members: &[(String, Member)], record: &Record, out: &mut Vec<u8>) {
        write_members(members, out, |member, out| match member {
            Member::TypeName => text(self.of.name, out),
            Member::Stored(at) => {
                out.extend_from_slice(record.json.get(*at).map_or(b"null", Vec::as_slice));
            }
        });
    }
}

fn part(of: &Entity, field: &Selected<'_>) -> Option<Part> {
    let edge = [of.name, "Edge"].concat();
    Some(match field.name() {
        "totalCount" => Part::Total,
        "nodes" => Part::Nodes(members(of, field)?),
        "edges" => {
            let edges = field.under(&edge);
            let edges = edges.iter().map(|one| {
                let member = match one.name() {
                    "node" => Some(members(of, one)?),
                    "__typename" => None,
                    _ => return None,
                };
                Some((one.key().to_owned(), member))
            });
            Part::Edges(edges.collect::<Option<_>>()?)
        }
        "pageInfo" => {
            let fields = field.under("PageInfo");
            let fields = fields.iter().map(|one| {
                let member = match one.name() {
                    "hasNextPage" => Info::HasNextPage,
                    "hasPreviousPage" => Info::HasPreviousPage,
                    "__typename" => Info::TypeName,
                    _ => return None,
                };
                Some((one.key().to_owned(), member))
            });
            Part::PageInfo(fields.collect::<Option<_>>()?)
        }
        _ => Part::TypeName([of.name, "Connection"].concat()),
    })
}

/// Returns the members of a record. Returns none if a copy lacks one of them.
fn members(of: &Entity, field: &Selected<'_>) -> Option<Members> {
    let fields = field.under(of.name);
    let members = fields.iter().map(|one| {
        let member = match one.name() {
            "__typename" => Member::TypeName,
            "id" => Member::Stored(0),
            name => Member::Stored(1 + stored(of).position(|field| field.name == name)?),
        };
        Some((one.key().to_owned(), member))
    });
    members.collect()
}

fn write_members<M>(
    members: &[(String, M)],
    out: &mut Vec<u8>,
    mut write: impl FnMut(&M, &mut Vec<u8>),
) {
    out.push(b'{');
    for (at, (name, member)) in members.iter().enumerate() {
        key(name, at == 0, out);
        write(member, out);
    }
    out.push(b'}');
}

fn flag(flag: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
}

#[derive(Debug)]
struct Record {
    /// Position in the default order of the type.
    position: usize,
    /// Global id, then the stored fields, as JSON.
    json: Vec<Vec<u8>>,
}

/// DimensionCopy of a dimension.
#[derive(Debug)]
struct DimensionCopy {
    version: i64,
    records: HashMap<i32, Record>,
}

/// Copies of the dimensions, by the name of their type. One for each type, so they need no limit.
#[derive(Default)]
pub struct Dimensions(Mutex<HashMap<&'static str, Arc<DimensionCopy>>>);

impl Dimensions {
    fn find(&self, of: &Entity, version: i64) -> Option<Arc<DimensionCopy>> {
        let copies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        copies.get(of.name).filter(|copy| copy.version >= version).map(Arc::clone)
    }

    fn store(&self, of: &Entity, copy: &Arc<DimensionCopy>) {
        let mut copies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = copies.entry(of.name).or_insert_with(|| Arc::clone(copy));
        if known.version < copy.version {
            *known = Arc::clone(copy);
        }
    }
}
