//! Triggers that store superseded versions of records in `warehouse.record_version`, and the policy
//! of that table, all generated from the descriptions of record types.
//!
//! A trigger runs once per statement over all changed rows. Inserts run none: new records cost
//! nothing. Deleting a record deletes its versions.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::ObjectFile;
use crate::record::{EVENT, RECORD_TYPES, RecordType, Visibility};

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
    let key = format!("{name}_id");
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
    let parts: String = parts
        .iter()
        .map(|part| {
            format!(
                "
            || jsonb_build_object('{part}', (
                select to_jsonb(p) - 'content_hash'
                from warehouse.{part} p
                where p.{key} = o.{key}))"
            )
        })
        .collect();
    // Postgres plans an executed text for the number of changed rows at hand.
    format!(
        "create function meta.store_{name}_version() returns trigger
    language plpgsql
    as $$
begin
    execute $sql$
    insert into warehouse.record_version (record_type, record_id, valid_from, valid_to, batch_id,
        file_id, source_row, is_open, region_ids, content)
    select '{name}', o.{key}, least(coalesce(known.valid_to, b.started_at, now()), now()), now(),
        o.batch_id, o.file_id, o.source_row, coalesce({is_open}, false),
        coalesce({regions}, '{{}}'), jsonb_strip_nulls(
            to_jsonb(o) - '{{content_hash,batch_id,file_id,source_row}}'::text[]{parts})
    from before o
    join after n on n.{key} = o.{key}
    left join meta.batch b on b.batch_id = o.batch_id
    left join lateral (
        select v.valid_to
        from warehouse.record_version v
        where v.record_type = '{name}' and v.record_id = o.{key}
        order by v.valid_to desc
        limit 1) known on true{joins}
    where ({}) is distinct from ({}) and known.valid_to is distinct from now()
    $sql$;
    return null;
end
$$;
comment on function meta.store_{name}_version() is
    'Stores the versions of records that a statement changed.';

create trigger store_version after update on warehouse.{name}
    referencing old table as before new table as after
    for each statement execute function meta.store_{name}_version();

create function meta.delete_{name}_version() returns trigger
    language plpgsql
    as $$
begin
    if exists (select from before) then
        execute $sql$
        delete from warehouse.record_version v
        using before o
        where v.record_type = '{name}' and v.record_id = o.{key}
        $sql$;
    end if;
    return null;
end
$$;
comment on function meta.delete_{name}_version() is
    'Deletes the versions of records that a statement deleted.';

create trigger delete_version after delete on warehouse.{name}
    referencing old table as before
    for each statement execute function meta.delete_{name}_version();
",
        changing("o"),
        changing("n"),
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
    let regions_of = |event: &str| {
        format!(
            "array(select w.region_id from warehouse.event_region w where w.event_id = \
             {event}.event_id)"
        )
    };
    let public = format!("{row}.sensitivity = 'PUBLIC'");
    let own_region = format!("array[{row}.region_id]");
    let owner = |name: &str, is_open: &str, regions: &str| Rule {
        joins: format!(
            "
    left join warehouse.{name} w on w.{name}_id = {row}.{name}_id
    left join warehouse.record_version wv on wv.record_type = '{name}'
        and wv.record_id = {row}.{name}_id and wv.valid_to = now()"
        ),
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
    let mut text = String::from(
        "-- requires: functions/access/sees_all_detail\n\
         -- requires: functions/access/viewer_regions\n",
    );
    let mut records = String::new();
    for record in versioned() {
        let name = record.name;
        match record.visibility {
            Visibility::Open => {}
            Visibility::Event => text.push_str("-- requires: policies/event_records\n"),
            _ => {
                let _ = writeln!(text, "-- requires: policies/{name}");
            }
        }
        let _ = write!(
            records,
            "
            when '{name}' then exists (
                select from warehouse.{name} r where r.{name}_id = record_version.record_id)"
        );
    }
    let _ = writeln!(
        text,
        "\ncreate policy visible on warehouse.record_version for select using (\n    (select \
         access.sees_all_detail())\n    or ((is_open or region_ids && (select \
         access.viewer_regions()))\n        and case record_type{records}\n        end)\n);"
    );
    text
}
