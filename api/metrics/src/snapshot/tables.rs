//! Fact tables of a snapshot, each with its key, source tables, SQL and columns.
//!
//! The columns of a fact's event (day, kind, hazard, regions, flags) come from the snapshot's
//! events. Postgres does not join them row by row.

mod actions;
mod definition;
mod events;
mod findings;
mod requests_and_risks;
mod timings;

use std::sync::LazyLock;

use hotwash_schema::record::{Merge, RECORD_TYPES, referenced_lists};

/// Tables of parts of records, with the key that new rows usually continue.
const PARTS: [(&str, &str); 11] = [
    ("warehouse.after_action_report", "event_id"),
    ("warehouse.action_status_history", "action_status_history_id"),
    ("warehouse.corrective_action_element", "corrective_action_id"),
    ("warehouse.event_county", "event_id"),
    ("warehouse.event_hazard", "event_id"),
    ("warehouse.event_region", "event_id"),
    ("warehouse.exercise", "event_id"),
    ("warehouse.finding_element", "finding_id"),
    ("warehouse.incident", "event_id"),
    ("warehouse.information_report", "information_request_id"),
    ("warehouse.objective", "event_id"),
];

/// Growing tables of the warehouse, with the key that new rows usually continue: the loaded records
/// that have a key of their own, and their parts.
pub static GROWING: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let loaded = RECORD_TYPES.iter().filter(|record| {
        record.order.is_some() && matches!(record.merge, Merge::Shared | Merge::Matched)
    });
    let records =
        loaded.map(|record| (format!("warehouse.{}", record.name), format!("{}_id", record.name)));
    records.chain(PARTS.map(|(table, key)| (table.to_owned(), key.to_owned()))).collect()
});

/// Returns whether all tables depend on a small list, so that its change rebuilds everything: it is
/// referenced by records, or describes such a list.
pub fn is_list(table: &str) -> bool {
    let list = table.strip_prefix("warehouse.").unwrap_or_default();
    ["capability_framework", "rating_value"].contains(&list) || referenced_lists().contains(list)
}

/// All tables.
pub fn tables() -> impl Iterator<Item = &'static TableDefinition> {
    [events::TABLES, timings::TABLES, findings::TABLES, actions::TABLES, requests_and_risks::TABLES]
        .into_iter()
        .flatten()
}

/// The definition of a table.
pub fn table(name: &str) -> &'static TableDefinition {
    static NONE: TableDefinition = TableDefinition {
        name: "",
        sources: &[],
        by: "",
        sql: "",
        columns: &[],
        only: None,
        event: &[],
        dated: Dated::NONE,
    };
    tables().find(|table| table.name == name).unwrap_or(&NONE)
}

pub use definition::{
    Dated, EVENT_SOURCES, FieldKind, HAPPENED, HELD, MARKS, RATING, SCALE, SourceTable,
    TableDefinition, Touches,
};
use definition::{decides, grows, refers, touches};
/// Columns of the first stamp of each kind: its minute, and a minute of its day where only the day
/// is known.
pub use timings::STAMPS;

#[cfg(test)]
mod tests {
    use super::definition::EVENT;
    use super::{FieldKind, GROWING, STAMPS, Touches, table, tables};

    #[test]
    fn each_table_is_read_again_by_a_column_of_its_own_and_from_tables_whose_growth_is_followed() {
        for table in tables() {
            assert!(
                table.columns.iter().any(|(name, _)| *name == table.by),
                "{} has no {}",
                table.name,
                table.by
            );
            assert_eq!(
                table.sql.matches('{').count(),
                table.sql.matches('}').count(),
                "{}",
                table.name
            );
            for source in table.sources.iter().filter(|source| source.touches != Touches::All) {
                assert!(
                    GROWING.iter().any(|(name, _)| name == source.table),
                    "{}: {}",
                    table.name,
                    source.table
                );
                assert!(table.sql.contains('{'), "{} cannot be read in part", table.name);
            }
        }
    }

    /// Days and minutes that may be after the as-of day although they are known on it, and days of
    /// loading.
    const FUTURE: &[(&str, &str)] = &[
        ("actions", "due_original_on"),
        ("actions", "due_current_on"),
        ("information_reports", "due_minute"),
        ("resource_requests", "needed_minute"),
        ("tracker_requests", "due_on"),
        ("timings", "start_minute"),
        ("files", "local_date"),
    ];

    fn stamps() -> impl Iterator<Item = &'static str> {
        STAMPS.iter().flat_map(|(minute, day)| [*minute, *day])
    }

    #[test]
    fn every_day_and_minute_states_when_it_became_known_or_lies_in_the_future() {
        for table in tables() {
            let (rows, values) = (table.dated.rows, table.dated.values);
            let own = table.columns.iter().copied();
            let of_event = EVENT.iter().copied().filter(|(name, _)| table.event.contains(name));
            for (name, kind) in own.chain(of_event) {
                let is_moment = kind == FieldKind::Day
                    || name.ends_with("_minute")
                    || stamps().any(|stamp| stamp == name);
                let is_dated = rows.contains(&name) || values.contains(&name);
                assert_eq!(
                    is_moment,
                    is_dated || FUTURE.contains(&(table.name, name)),
                    "{}.{name}",
                    table.name
                );
            }
            let named = rows
                .iter()
                .chain(values)
                .chain(table.dated.with.iter().flat_map(|(one, by)| [one, by]));
            for name in named {
                assert!(table.kind(name).is_some(), "{} has no {name}", table.name);
            }
        }
    }

    #[test]
    fn the_statement_of_timings_has_the_milestones_in_their_order() {
        let sql = table("timings").sql;
        let codes = sql.split("(where code = '").skip(1);
        let codes = codes.map(|rest| rest.split('\'').next().unwrap_or_default());
        let declared = STAMPS.iter().flat_map(|(minute, _)| [*minute; 2]);
        assert_eq!(codes.collect::<Vec<_>>(), declared.collect::<Vec<_>>());
    }
}
