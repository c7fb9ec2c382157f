//! A selection of fields into one SQL expression that builds its JSON, for lists within a record: they come in the statement of
//! the record, so that a page takes a fixed number of statements whatever is nested in it.

use async_graphql::{Error, Value};
use hotwash_schema::access::Viewer;

use super::catalogue::entity;
use super::entity::{Entity, Kind, Many, Relation};
use super::error::{Code, bad_input, coded};
use super::filter::Builder;
use super::selection::Selected;

/// Records in a nested list, unless `first` asks for another number.
pub const NESTED: i64 = 100;
/// Most records of a page or nested list.
pub const MOST: i64 = 1000;

/// Who asks, with the ids of their regions.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The viewer.
    pub viewer: Viewer,
    /// Ids of the viewer's regions.
    pub regions: Vec<i32>,
}

impl Seen {
    /// Condition on the rows a viewer may see: the rule of `hotwash_schema::access`, in its one place for lists.
    pub fn condition(&self, entity: &Entity, alias: &str) -> Result<Option<String>, Error> {
        if entity.visible.is_empty() || self.viewer.sees_all_detail() {
            return Ok(None);
        }
        if !self.viewer.sees_detail() {
            return Err(coded(
                Code::Forbidden,
                format!(
                    "a key of role {} sees aggregates only, not {} records; ask for metrics",
                    self.viewer.role.as_str(),
                    entity.name
                ),
            ));
        }
        Ok(self.aggregate_condition(entity, alias))
    }

    /// Condition on the rows that this viewer's groups count: those whose detail is open to them; for role `viewer` what is
    /// public or state-wide. Counts over others' restricted records could be differenced down to one record by filters;
    /// across regions the metrics answer, which withhold small cells.
    pub fn aggregate_condition(&self, entity: &Entity, alias: &str) -> Option<String> {
        if entity.visible.is_empty() || self.viewer.sees_all_detail() {
            return None;
        }
        let ids: Vec<String> = self.regions.iter().map(ToString::to_string).collect();
        let regions = format!("array[{}]::int[]", ids.join(","));
        Some(entity.visible.replace("{t}", alias).replace("{regions}", &regions))
    }
}

/// The argument `first` of a list, within what a list may hold.
pub fn first_argument(field: &Selected<'_>) -> Result<Option<i64>, Error> {
    match field.argument("first") {
        Some(Value::Number(number)) => match number.as_i64() {
            Some(first) if (0..=MOST).contains(&first) => Ok(Some(first)),
            _ => Err(bad_input(format!("first: {number} must lie between 0 and {MOST}"))),
        },
        _ => Ok(None),
    }
}

/// `json_build_object(…)` of the fields selected on `entity` under `alias`.
pub fn object(
    builder: &mut Builder,
    seen: &Seen,
    entity: &Entity,
    alias: &str,
    fields: &[Selected<'_>],
) -> Result<String, Error> {
    let mut parts: Vec<String> = Vec::new();
    for field in fields {
        if let Some(sql) = member(builder, seen, entity, alias, field)? {
            parts.push(format!("'{}', {sql}", field.key()));
        }
    }
    // Postgres functions take at most 100 arguments.
    let pieces: Vec<String> =
        parts.chunks(45).map(|chunk| format!("jsonb_build_object({})", chunk.join(", "))).collect();
    Ok(match pieces.len() {
        0 => "'{}'::json".into(),
        1 => format!("json_build_object({})", parts.join(", ")),
        _ => format!("({})::json", pieces.join(" || ")),
    })
}

fn member(
    builder: &mut Builder,
    seen: &Seen,
    of: &Entity,
    alias: &str,
    field: &Selected<'_>,
) -> Result<Option<String>, Error> {
    let name = field.name();
    if name == "__typename" {
        return Ok(Some(format!("'{}'", of.name)));
    }
    if name == "id" {
        // As `value::global_id` writes it.
        let key = of.id.replace("{t}", alias);
        return Ok(Some(format!(
            "translate(encode(convert_to('{}:' || {key}, 'UTF8'), 'base64'), '+/=', '-_')",
            of.name
        )));
    }
    if name == "source" && !of.lineage.is_empty() {
        return Ok(Some(lineage(&of.lineage.replace("{t}", alias), field)));
    }
    if let Some(column) = of.fields.iter().find(|column| column.name == name && column.shown) {
        let sql = column.sql.replace("{t}", alias);
        return Ok(Some(match column.kind {
            Kind::DateTime => format!("to_char({sql} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"),
            _ => sql,
        }));
    }
    let Some(relation) = of.relations.iter().find(|relation| relation.name == name) else { return Ok(None) };
    let tie = Tie { on: relation.on.replace("{t}", alias), through: relation.through.replace("{t}", alias) };
    Ok(Some(match relation.many {
        Many::One => {
            let target = entity(relation.target);
            let inner = builder.alias();
            let body = object(builder, seen, target, &inner, &field.under(target.name))?;
            let (from, wheres) = related(seen, target, &inner, &tie)?;
            format!("(select {body} from {from} where {wheres} limit 1)")
        }
        Many::List => many(builder, seen, relation, field, &tie)?,
    }))
}

/// What ties a related record to its parent, with the parent put in.
pub struct Tie {
    /// Condition.
    pub on: String,
    /// Tables between.
    pub through: String,
}

/// A list of related records as one JSON expression.
pub fn many(
    builder: &mut Builder,
    seen: &Seen,
    relation: &Relation,
    field: &Selected<'_>,
    tie: &Tie,
) -> Result<String, Error> {
    let target = entity(relation.target);
    let inner = builder.alias();
    let body = object(builder, seen, target, &inner, &field.under(target.name))?;
    let (from, wheres) = related(seen, target, &inner, tie)?;
    let limit = first_argument(field)?.unwrap_or(NESTED);
    let order = default_order(target, &inner);
    let order: Vec<String> = order.iter().map(|(sql, direction)| format!("{sql} {direction}")).collect();
    let order = order.join(", ");
    Ok(format!(
        "(select coalesce(json_agg(item), '[]'::json) from (select {body} as item from {from} where {wheres} order by {order} limit {limit}) as items)"
    ))
}

/// Tables and condition of a relation, with what who asks may see.
pub fn related(seen: &Seen, target: &Entity, inner: &str, tie: &Tie) -> Result<(String, String), Error> {
    let from = format!("{} {}", target.from.replace("{t}", inner), tie.through.replace("{u}", inner));
    let mut wheres = tie.on.replace("{u}", inner);
    if target.only != "true" {
        wheres = format!("{wheres} and {}", target.only.replace("{t}", inner));
    }
    if let Some(visible) = seen.condition(target, inner)? {
        wheres = format!("{wheres} and {visible}");
    }
    Ok((from, wheres))
}

/// The file and row that brought a record, as JSON; `alias` is that of the table with the lineage.
pub fn lineage(alias: &str, field: &Selected<'_>) -> String {
    let members: Vec<String> = field
        .under("RecordSource")
        .iter()
        .filter_map(|one| {
            let sql = match one.name() {
                "file" => "f.name".to_owned(),
                "row" => format!("{alias}.source_row"),
                "batch" => format!("{alias}.batch_id"),
                "source" => "f.source".to_owned(),
                "__typename" => "'RecordSource'".to_owned(),
                _ => return None,
            };
            Some(format!("'{}', {sql}", one.key()))
        })
        .collect();
    format!("(select json_build_object({}) from meta.file f where f.file_id = {alias}.file_id)", members.join(", "))
}

/// The type's own order, with its key as the last word.
pub fn default_order(entity: &Entity, alias: &str) -> Vec<(String, &'static str)> {
    let mut terms = Vec::new();
    for name in entity.order {
        let (name, descending) = name.strip_prefix('-').map_or((*name, false), |name| (name, true));
        if let Some(field) = entity.fields.iter().find(|field| field.name == name) {
            let direction = match (descending, field.required) {
                (false, true) => "asc",
                (true, true) => "desc",
                (false, false) => "asc nulls last",
                (true, false) => "desc nulls last",
            };
            terms.push((field.sql.replace("{t}", alias), direction));
        }
    }
    terms.push((entity.id.replace("{t}", alias), "asc"));
    terms
}
