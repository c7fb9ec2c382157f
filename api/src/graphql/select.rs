//! A selection of fields into one SQL expression that builds its JSON: nested records come in the same statement, so that a page
//! takes a fixed number of statements whatever is nested in it.

use async_graphql::{Error, SelectionField, Value};
use hotwash_schema::access::Viewer;

use super::catalogue::entity;
use super::entity::{Entity, Kind, Many};
use super::error::{Code, bad_input, coded};
use super::filter::Builder;

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

fn first_argument(field: &SelectionField<'_>) -> Result<Option<i64>, Error> {
    let arguments = field.arguments().map_err(|error| bad_input(error.message))?;
    let given = arguments.into_iter().find(|(name, _)| name.as_str() == "first").map(|(_, value)| value);
    match given {
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
    fields: &[SelectionField<'_>],
) -> Result<String, Error> {
    let mut parts: Vec<String> = Vec::new();
    for field in fields {
        let key = field.alias().unwrap_or_else(|| field.name());
        if let Some(sql) = member(builder, seen, entity, alias, field)? {
            parts.push(format!("'{}', {sql}", key.replace('\'', "''")));
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
    field: &SelectionField<'_>,
) -> Result<Option<String>, Error> {
    let name = field.name();
    if name == "id" {
        return Ok(Some(of.id.replace("{t}", alias)));
    }
    if name == "source" && !of.lineage.is_empty() {
        let lineage = of.lineage.replace("{t}", alias);
        let sql = format!(
            "(select json_build_object('file', f.name, 'row', {lineage}.source_row, 'batch', {lineage}.batch_id, 'source', f.source) \
             from meta.file f where f.file_id = {lineage}.file_id)"
        );
        return Ok(Some(sql));
    }
    if let Some(column) = of.fields.iter().find(|column| column.name == name && column.shown) {
        let sql = column.sql.replace("{t}", alias);
        return Ok(Some(match column.kind {
            Kind::DateTime => format!("to_char({sql} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"),
            _ => sql,
        }));
    }
    let Some(relation) = of.relations.iter().find(|relation| relation.name == name) else { return Ok(None) };
    let target = entity(relation.target);
    let inner = builder.alias();
    let selected: Vec<SelectionField> = field.selection_set().collect();
    let body = object(builder, seen, target, &inner, &selected)?;
    let from = target.from.replace("{t}", &inner);
    let through = relation.through.replace("{t}", alias).replace("{u}", &inner);
    let on = relation.on.replace("{t}", alias).replace("{u}", &inner);
    let mut only = target.only.replace("{t}", &inner);
    if let Some(visible) = seen.condition(target, &inner)? {
        only = format!("{only} and {visible}");
    }
    Ok(Some(match relation.many {
        Many::One => format!("(select {body} from {from} {through} where {on} and {only} limit 1)"),
        Many::List => {
            let limit = first_argument(field)?.unwrap_or(NESTED);
            let order = default_order(target, &inner);
            format!(
                "(select coalesce(json_agg(item), '[]'::json) from (select {body} as item from {from} {through} where {on} and {only} order by {order} limit {limit}) as items)"
            )
        }
    }))
}

/// The type's own order, with its key as the last word.
pub fn default_order(entity: &Entity, alias: &str) -> String {
    let mut terms: Vec<String> = Vec::new();
    for name in entity.order {
        let (name, direction) = name.strip_prefix('-').map_or((*name, "asc"), |name| (name, "desc"));
        if let Some(field) = entity.fields.iter().find(|field| field.name == name) {
            let nulls = if field.required { "" } else { " nulls last" };
            terms.push(format!("{} {direction}{nulls}", field.sql.replace("{t}", alias)));
        }
    }
    terms.push(entity.id.replace("{t}", alias));
    terms.join(", ")
}
