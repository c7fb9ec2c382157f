//! Fact views, policies and versions, generated from the descriptions of record types.

use std::fmt::Write;

use super::{ObjectFile, versions};
use crate::record::fact::{Fact, FactColumn, FactValue};
use crate::record::{ColumnDef, ColumnType, RECORD_TYPES, RecordType, StoredColumn, Visibility};
use crate::statement::filled;

/// Dimensions that a fact view joins by their keys.
const DIMENSIONS: [&str; 5] = ["event", "region", "hazard", "capability", "organization"];

/// Returns the generated files. The other files of `schema/objects` are written by hand: views over
/// several record types, and policies of events and actions.
pub fn files() -> impl Iterator<Item = ObjectFile> {
    let own = RECORD_TYPES.iter().flat_map(|record| {
        let views = record.facts.iter().map(|fact| {
            let name = fact.part.unwrap_or(record.name);
            ObjectFile::new(&format!("views/bi/fact_{name}"), &fact_view(record, fact))
        });
        let policy =
            policy(record).map(|text| ObjectFile::new(&format!("policies/{}", record.name), &text));
        views.chain(policy)
    });
    own.chain(versions::files())
}

/// Column of a view: name, SQL value and comment.
type ViewColumn = (String, String, String);

/// Returns the statements that create a fact view: key, dimensions, other columns, measures. The
/// key of a part is that of its event.
fn fact_view(record: &RecordType, fact: &Fact) -> String {
    let name = fact.part.unwrap_or(record.name);
    let stored = || {
        let stored = record.columns.iter().filter_map(|column| Some((column, column.stored?)));
        stored.filter(|(_, stored)| stored.table.unwrap_or(record.name) == name)
    };
    let of_event = fact.part.is_some() || stored().any(|(column, _)| is_required_event(column));
    let mut columns = match fact.part {
        Some(part) => event_dimensions(part),
        None => {
            let key = format!("{name}_id");
            vec![(key.clone(), format!("{name}.{key}"), "Key.".to_owned())]
        }
    };
    columns.extend(stored().flat_map(|(column, stored)| dimensions(name, column, stored)));
    let days = stored().flat_map(|(column, stored)| facts(name, column, stored, true));
    columns.extend(days);
    columns.extend(stored().flat_map(|(column, stored)| facts(name, column, stored, false)));
    let computed = fact.measures.iter().filter_map(|measure| match measure.value {
        FactValue::Sql(sql) => Some((measure.name.into(), sql.into(), measure.meaning.into())),
        FactValue::DayOf(sql) => Some((measure.name.into(), key_of(sql), measure.meaning.into())),
        FactValue::Own | FactValue::Day => None,
    });
    columns.extend(computed);

    let mut joins = String::new();
    if of_event {
        joins.push_str("\nleft join warehouse.event using (event_id)");
    }
    let is_computed = |fact: &FactColumn| matches!(fact.value, FactValue::Sql(_));
    for (column, _) in stored().filter(|(column, _)| column.fact.iter().any(is_computed)) {
        if let Some(list) = column.references.filter(|table| !DIMENSIONS.contains(table)) {
            let _ = write!(joins, "\nleft join warehouse.{list} using ({list}_id)");
        }
    }
    for join in fact.joins {
        let _ = write!(joins, "\n{join}");
    }
    view(&format!("bi.fact_{name}"), fact.meaning, &columns, &format!("warehouse.{name}{joins}"))
}

/// Returns the keys of an event of which each row is a part, with the event's day and hazard.
fn event_dimensions(name: &str) -> Vec<ViewColumn> {
    let column = |table: &str, name: &str, meaning: &str| {
        (name.to_owned(), format!("{table}.{name}"), meaning.to_owned())
    };
    vec![
        column(name, "event_id", "Joins dim_event and bridge_event_region."),
        column("event", "date_key", "Local day the event began; joins dim_date."),
        column("event", "hazard_id", "Primary hazard of the event; joins dim_hazard."),
    ]
}

/// Returns the key of a referenced dimension. The day and the hazard of its event come with a
/// required event.
fn dimensions(name: &str, column: &ColumnDef, stored: StoredColumn) -> Vec<ViewColumn> {
    let Some(table) = dimension(column, stored) else { return Vec::new() };
    if is_required_event(column) {
        return event_dimensions(name);
    }
    let own = format!("{name}.{}", stored.name);
    let value = if column.required || table == "event" { own } else { or_unmapped(&own) };
    let (column_name, meaning) = match column.fact.first() {
        Some(fact) => (fact.name, format!("{}; joins dim_{table}.", fact.meaning)),
        None => ("", format!("Joins dim_{table}.")),
    };
    let column_name = if column_name.is_empty() { stored.name } else { column_name };
    vec![(column_name.to_owned(), value, meaning)]
}

/// Returns the dimension that a column references, if it has the name of the dimension's key or the
/// view shows it.
fn dimension(column: &ColumnDef, stored: StoredColumn) -> Option<&'static str> {
    let has_key_name = |table: &str| stored.name.strip_suffix("_id") == Some(table);
    let table = column.references.filter(|table| DIMENSIONS.contains(table))?;
    (has_key_name(table) || !column.fact.is_empty()).then_some(table)
}

fn or_unmapped(value: &str) -> String {
    format!("coalesce({value}, -1)")
}

/// Returns the columns that a described column adds: its days, or all others.
fn facts(name: &str, column: &ColumnDef, stored: StoredColumn, days: bool) -> Vec<ViewColumn> {
    if dimension(column, stored).is_some() {
        return Vec::new();
    }
    let own = format!("{name}.{}", stored.name);
    let facts = column.fact.iter().filter_map(|fact: &FactColumn| {
        let value = match fact.value {
            FactValue::Day if days && stored.data_type == ColumnType::Date => key_of(&own),
            FactValue::Day if days => key_of(&local_time(&own)),
            FactValue::Own if !days => own.clone(),
            FactValue::Sql(sql) if !days => sql.to_owned(),
            _ => return None,
        };
        let column_name = if fact.name.is_empty() { stored.name } else { fact.name };
        Some((column_name.to_owned(), value, fact.meaning.to_owned()))
    });
    facts.collect()
}

fn is_required_event(column: &ColumnDef) -> bool {
    column.references == Some("event") && column.required
}

/// Returns a time as it is read in the jurisdiction.
fn local_time(time: &str) -> String {
    filled(include_str!("generated/local_time.sql"), &[("time", time)])
}

/// Returns the key in `bi.dim_date` of the day of a date or local time.
fn key_of(day: &str) -> String {
    let part = |part: &str| format!("date_part('{part}', {day})");
    format!("({} * 10000 + {} * 100 + {})::integer", part("year"), part("month"), part("day"))
}

/// Returns the statements that create a view with comments, whose rows the policies of the tables
/// decide.
fn view(name: &str, meaning: &str, columns: &[ViewColumn], from: &str) -> String {
    let selected: Vec<String> = columns
        .iter()
        .map(|(column, value, _)| match value.rsplit_once('.') {
            Some((_, own)) if own == column => format!("    {value}"),
            _ => format!("    {value} as {column}"),
        })
        .collect();
    let comments: Vec<String> = columns
        .iter()
        .map(|(column, _, meaning)| {
            format!("comment on column {name}.{column} is {};", literal(meaning))
        })
        .collect();
    let mut sql = filled(
        include_str!("generated/fact_view.sql"),
        &[
            ("name", name),
            ("columns", &selected.join(",\n")),
            ("from", from),
            ("meaning", &literal(meaning)),
            ("comments", &comments.join("\n")),
        ],
    );
    if sql.contains("meta.time_zone()") {
        sql.insert_str(0, "-- requires: functions/meta/time_zone\n\n");
    }
    sql
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns the statement that creates the policy of a record type, if its visibility needs nothing
/// but its own region, its event or its parent.
fn policy(record: &RecordType) -> Option<String> {
    let name = record.name;
    let own_detail = |rule: &str| {
        (
            vec!["functions/access/sees_detail".into(), "functions/access/viewer_regions".into()],
            filled(
                include_str!("generated/policy_of_detail.sql"),
                &[("rule", &format!("{{{{{rule} of {name}}}}}"))],
            ),
        )
    };
    let (requires, condition) = match record.visibility {
        Visibility::Open | Visibility::Event | Visibility::Action => return None,
        Visibility::OfEvent => (
            vec!["views/access/visible_event".to_owned()],
            filled(include_str!("generated/policy_of_event.sql"), &[("name", name)]),
        ),
        Visibility::OwnRegion => own_detail("own"),
        Visibility::PublicOrOwnRegion => own_detail("public_or_own"),
        Visibility::OfParent => {
            let parent = record.parent?.record;
            let file = include_str!("generated/policy_of_parent.sql");
            let condition = filled(file, &[("name", name), ("parent", parent)]);
            (vec![format!("policies/{parent}")], condition)
        }
    };
    let requires: String =
        requires.iter().map(|required: &String| format!("-- requires: {required}\n")).collect();
    Some(filled(
        include_str!("generated/policy.sql"),
        &[("name", name), ("requires", &requires), ("condition", &condition)],
    ))
}
