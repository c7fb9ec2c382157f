//! Triggers that store superseded versions of records in `warehouse.record_version`, and the policy
//! of that table, all generated from the descriptions of record types.
//!
//! A trigger runs once per statement over all changed rows. Inserts run none: new records cost
//! nothing. Deleting a record deletes its versions.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::ObjectFile;
use crate::record::{EVENT, RECORD_TYPES, RecordType, Visibility};
use crate::statement::filled;

/// Returns the generated files: triggers of each versioned type, and the policy.
pub fn files() -> impl Iterator<Item = ObjectFile> {
    let triggers = versioned().map(|record| {
        ObjectFile::new(&format!("triggers/store_{}_version", record.name), &triggers(record))
    });
    triggers.chain(std::iter::once(ObjectFile::new("policies/record_version", &policy())))
}

fn versioned() -> impl Iterator<Item = &'static RecordType> {
    RECORD_TYPES.iter().copied().filter(|record| record.is_versioned())
}

/// Returns the statements that create the functions and triggers of a record type.
///
/// A record changes if its content, its file or its event does. Ranks and totals are computed again
/// without a new version. The first change in a transaction stores the version before it.
fn triggers(record: &RecordType) -> String {
    let name = record.name;
    let Rule { joins, is_open, regions } = rule(record, "o");
    let changing = |row: &str| {
        let mut columns = vec![format!("{row}.file_id"), format!("{row}.content_hash")];
        if record.references_to("event").next().is_some() {
            columns.push(format!("{row}.event_id"));
        }
        columns.join(", ")
    };
    let parts: BTreeSet<&str> = record
        .columns
        .iter()
        .filter_map(|column| column.stored?.table)
        .filter(|table| *table != name)
        .collect();
    let part = |part: &&str| {
        filled(include_str!("generated/version_part.sql"), &[("name", name), ("part", part)])
    };
    let parts: String = parts.iter().map(part).collect();
    // Postgres plans an executed text for the number of changed rows at hand.
    filled(
        include_str!("generated/version_triggers.sql"),
        &[
            ("name", name),
            ("is_open", &is_open),
            ("regions", &regions),
            ("parts", &parts),
            ("joins", &joins),
            ("before", &changing("o")),
            ("after", &changing("n")),
        ],
    )
}

/// Rule by which viewers could see a row before the transaction that changed it, in SQL.
#[derive(Default)]
struct Rule {
    /// Joins of the event or parent. If this transaction changed it too, its version decides.
    joins: String,
    /// Condition: viewers of all regions could see the row.
    is_open: String,
    /// Array of the regions whose viewers could see it.
    regions: String,
}

fn rule(record: &RecordType, row: &str) -> Rule {
    let regions_of =
        |event: &str| filled(include_str!("generated/version_regions.sql"), &[("row", event)]);
    let public = format!("{row}.sensitivity = 'PUBLIC'");
    let own_region = format!("array[{row}.region_id]");
    let owner = |name: &str, is_open: &str, regions: &str| Rule {
        joins: filled(include_str!("generated/version_owner.sql"), &[("name", name), ("row", row)]),
        is_open: format!("wv.is_open, {is_open}"),
        regions: format!("wv.region_ids, {regions}"),
    };
    match record.visibility {
        Visibility::Open => {
            Rule { is_open: "true".into(), regions: "'{}'::integer[]".into(), ..Rule::default() }
        }
        Visibility::Event => Rule {
            is_open: format!("{public} or {row}.statewide"),
            regions: regions_of(row),
            ..Rule::default()
        },
        Visibility::OfEvent => {
            let event = rule(&EVENT, "w");
            owner("event", &event.is_open, &event.regions)
        }
        Visibility::Action => {
            let event = owner("event", "", &regions_of("w"));
            let statewide = "coalesce((wv.content ->> 'statewide')::boolean, w.statewide)";
            Rule {
                is_open: format!("{public} or {row}.region_from_event and {statewide}"),
                regions: format!(
                    "{own_region} || case when {row}.region_from_event then \
                     coalesce({}) end",
                    event.regions
                ),
                ..event
            }
        }
        Visibility::OwnRegion => {
            Rule { is_open: "false".into(), regions: own_region, ..Rule::default() }
        }
        Visibility::PublicOrOwnRegion => {
            Rule { is_open: public, regions: own_region, ..Rule::default() }
        }
        Visibility::OfParent => {
            let name = record.parent.map_or("", |parent| parent.record);
            let parent = RECORD_TYPES.iter().find(|record| record.name == name);
            let parent = parent.map_or_else(Rule::default, |parent| rule(parent, "w"));
            owner(name, &parent.is_open, &parent.regions)
        }
    }
}

/// Returns the policy of versions: open to viewers who could see the version, and who may see the
/// record today.
fn policy() -> String {
    let (mut requires, mut records) = (String::new(), String::new());
    for record in versioned() {
        let name = record.name;
        match record.visibility {
            Visibility::Open => {}
            Visibility::Event => requires.push_str("-- requires: policies/event_records\n"),
            _ => {
                let _ = writeln!(requires, "-- requires: policies/{name}");
            }
        }
        let file = include_str!("generated/version_policy_record.sql");
        records.push_str(&filled(file, &[("name", name)]));
    }
    filled(
        include_str!("generated/version_policy.sql"),
        &[("requires", &requires), ("records", &records)],
    )
}
