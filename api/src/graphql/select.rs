//! A selection of fields into one SQL expression that builds its JSON, for lists within a record:
//! they come in the statement of the record, so that a page takes a fixed number of statements
//! whatever is nested in it.

use async_graphql::Error;
use hotwash_schema::access::Viewer;

use super::catalogue::entity;
use super::entity::{Entity, Many, ScalarKind};
use super::error::{Code, coded};
use super::filter::Builder;
use super::nested;
use super::selection::Selected;

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
    pub fn condition(&self, entity: &Entity, alias: &str) -> Result<Option<String>, Error> {
        if entity.visible.is_empty() || self.viewer.sees_all_detail() {
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
    pub fn aggregate_condition(&self, entity: &Entity, alias: &str) -> Option<String> {
        if entity.visible.is_empty() || self.viewer.sees_all_detail() {
            return None;
        }
        let ids: Vec<String> = self.regions.iter().map(ToString::to_string).collect();
        let regions = format!("array[{}]::int[]", ids.join(","));
        Some(entity.visible.replace("{t}", alias).replace("{regions}", &regions))
    }
}

/// `json_build_object(…)` of the fields selected on `entity` under `alias`.
pub fn object(
    builder: &mut Builder,
    seen: &ViewerScope,
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
    Ok(json_object(&parts))
}

/// JSON of an object with these members, each a quoted name and an expression.
pub fn json_object(members: &[String]) -> String {
    // Postgres functions take at most 100 arguments.
    let pieces: Vec<String> = members
        .chunks(45)
        .map(|chunk| format!("jsonb_build_object({})", chunk.join(", ")))
        .collect();
    match pieces.len() {
        0 => "'{}'::json".into(),
        1 => format!("json_build_object({})", members.join(", ")),
        _ => format!("({})::json", pieces.join(" || ")),
    }
}

fn member(
    builder: &mut Builder,
    seen: &ViewerScope,
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
            ScalarKind::DateTime => {
                format!("to_char({sql} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
            }
            _ => sql,
        }));
    }
    let Some(relation) = of.relations.iter().find(|relation| relation.name == name) else {
        return Ok(None);
    };
    let put = |text: &str| text.replace("{t}", alias);
    let tie = Tie { on: put(relation.on), through: put(relation.through), parent: put(of.id) };
    Ok(Some(match relation.many {
        Many::One => {
            let target = entity(relation.target);
            let inner = builder.alias();
            let body = object(builder, seen, target, &inner, &field.under(target.name))?;
            let (from, wheres) = related(seen, target, &inner, &tie)?;
            format!("(select {body} from {from} where {wheres} limit 1)")
        }
        Many::List => {
            let nested = nested::connection(builder, seen, of, relation, field, &tie)?;
            if nested.parent.is_some() {
                return Err(nested::foreign(of, relation));
            }
            nested.sql
        }
    }))
}

/// What ties a related record to its parent, with the parent put in.
pub struct Tie {
    /// Condition.
    pub on: String,
    /// Tables between.
    pub through: String,
    /// Key of the parent.
    pub parent: String,
}

/// Tables and condition of a relation, with what who asks may see.
pub fn related(
    seen: &ViewerScope,
    target: &Entity,
    inner: &str,
    tie: &Tie,
) -> Result<(String, String), Error> {
    let from =
        format!("{} {}", target.from.replace("{t}", inner), tie.through.replace("{u}", inner));
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
    format!(
        "(select json_build_object({}) from meta.file f where f.file_id = {alias}.file_id)",
        members.join(", ")
    )
}
