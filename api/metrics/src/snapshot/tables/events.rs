//! Events and their participants.

use super::timings::{self, first_stamp};
use super::{Dated, FieldKind::*, HAPPENED, HELD, TableDefinition, decides, grows, refers};

/// Tables by event and by organization, and what files brought.
pub static TABLES: &[TableDefinition] = &[
    TableDefinition {
        name: "incidents",
        sources: &[
            grows("warehouse.incident", "select t.event_id from warehouse.incident t where {new}"),
            refers("warehouse.event"),
        ],
        by: "event_id",
        sql: "select event_id, coalesce(i.deaths_direct, 0) + coalesce(i.deaths_indirect, 0), \
            coalesce(i.injuries_direct, 0) + coalesce(i.injuries_indirect, 0), \
            coalesce(i.damage_property_usd, 0), i.response from warehouse.incident i where \
            {i.event_id}",
        columns: &[
            ("event_id", Key),
            ("deaths", Id),
            ("injuries", Id),
            ("damage", Key),
            ("response", Label),
        ],
        only: Some(HAPPENED),
        event: &["local_date", "hazard_id", "source", "public", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Exercises that were held.
    TableDefinition {
        name: "exercises",
        sources: &[
            grows("warehouse.exercise", "select t.event_id from warehouse.exercise t where {new}"),
            refers("warehouse.event"),
        ],
        by: "event_id",
        sql: "select x.event_id from warehouse.exercise x where {x.event_id}",
        columns: &[("event_id", Key)],
        only: Some(HAPPENED),
        event: &["local_date", "hazard_id", "exercise_type", "operations", "public", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Exercises held and incidents responded to, with reports and participants.
    TableDefinition {
        name: "events",
        sources: &[
            grows("warehouse.event", "select t.event_id from warehouse.event t where {new}"),
            grows("warehouse.incident", "select t.event_id from warehouse.incident t where {new}"),
            grows(
                "warehouse.after_action_report",
                "select t.event_id from warehouse.after_action_report t where {new}",
            ),
            timings::STAMPED,
            grows(
                "warehouse.participation",
                "select t.event_id from warehouse.participation t where {new}",
            ),
            refers("warehouse.organization"),
        ],
        by: "event_id",
        sql: concat!(
            "select e.event_id, e.owes_aar, a.final_on, m.final_on, coalesce(p.present, 0)::int, \
            coalesce(p.state_core, 0)::int, coalesce(p.hpp_core, 0)::int \
            from warehouse.event e left join warehouse.after_action_report a using (event_id) \
            left join (",
            first_stamp!("final_on", "'aar_final'"),
            ") m using (event_id) \
            left join (select p.event_id, count(*) as present, count(distinct d.code) filter \
            (where d.state_core and o.organization_id > 0) as state_core, \
                    count(distinct d.code) filter (where d.hpp_core and o.organization_id > 0) as \
                    hpp_core \
                from warehouse.participation p join warehouse.organization o using \
                (organization_id) join warehouse.discipline d using (discipline_id) where \
                {p.event_id} group by 1) p using (event_id) \
            where {e.event_id}"
        ),
        columns: &[
            ("event_id", Key),
            ("owes_aar", Flag),
            ("final_on", Day),
            ("final_stamp_on", Day),
            ("present", Id),
            ("state_core", Id),
            ("hpp_core", Id),
        ],
        only: Some(HELD),
        event: &[
            "local_date",
            "end_date",
            "hazard_id",
            "event_kind",
            "exercise_type",
            "operations",
            "responded",
            "public",
            "regions",
        ],
        dated: Dated {
            rows: &["local_date"],
            values: &["end_date", "final_on", "final_stamp_on"],
            with: &[],
        },
    },
    // Hazards of events in addition to the primary one.
    TableDefinition {
        name: "event_hazards",
        sources: &[grows(
            "warehouse.event_hazard",
            "select t.event_id from warehouse.event_hazard t where {new}",
        )],
        by: "event_id",
        sql: "select h.event_id, h.hazard_id from warehouse.event_hazard h where {h.event_id} and \
            not is_primary",
        columns: &[("event_id", Key), ("hazard_id", Id)],
        only: None,
        event: &["local_date", "event_kind", "held", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Participation of organizations in events, with region and discipline of the organization, and
    // kind and day of the event.
    TableDefinition {
        name: "participations",
        sources: &[
            grows(
                "warehouse.participation",
                "select t.event_id from warehouse.participation t where {new}",
            ),
            refers("warehouse.organization"),
        ],
        by: "event_id",
        sql: "select distinct p.organization_id, p.event_id, o.region_id, o.region_id, d.code, \
            o.active from warehouse.participation p \
            join warehouse.organization o using (organization_id) join warehouse.discipline d \
            using (discipline_id) where {p.event_id}",
        columns: &[
            ("organization_id", Key),
            ("event_id", Key),
            ("regions", Region),
            ("region_id", Id),
            ("discipline", Label),
            ("active", Flag),
        ],
        only: None,
        event: &[
            "local_date",
            "event_kind",
            "exercise_type",
            "operations",
            "responded",
            "held",
            "public",
        ],
        dated: Dated::rows(&["local_date"]),
    },
    TableDefinition {
        name: "organizations",
        sources: &[grows(
            "warehouse.organization",
            "select t.organization_id from warehouse.organization t where {new}",
        )],
        by: "organization_id",
        sql: "select o.organization_id, o.region_id, o.region_id, d.code, o.active \
            from warehouse.organization o join warehouse.discipline d using (discipline_id) where \
            o.organization_id > 0 and {o.organization_id}",
        columns: &[
            ("organization_id", Key),
            ("regions", Region),
            ("region_id", Id),
            ("discipline", Label),
            ("active", Flag),
        ],
        only: None,
        event: &[],
        dated: Dated::NONE,
    },
    // The days of all events that a source reported, whatever their status.
    TableDefinition {
        name: "told_events",
        sources: &[grows(
            "warehouse.event",
            "select t.event_id from warehouse.event t where {new}",
        )],
        by: "event_id",
        sql: "select e.event_id from warehouse.event e where {e.event_id}",
        columns: &[("event_id", Key)],
        only: None,
        event: &["local_date", "source"],
        dated: Dated::rows(&["local_date"]),
    },
    // Contents of files, by the day of loading.
    TableDefinition {
        name: "files",
        sources: &[decides("meta.file")],
        by: "file_id",
        sql: "select f.file_id::bigint, coalesce(f.source, 'unrecognized'), f.read::bigint, \
            (f.inserted + f.updated)::bigint, f.unchanged::bigint, \
            f.rejected::bigint, f.warnings::bigint, f.unmapped::bigint, f.redacted::bigint, \
            f.finished_at::date, f.status = 'FAILED' \
            from meta.file f where f.status <> 'RUNNING'",
        columns: &[
            ("file_id", Key),
            ("source", Label),
            ("read", Key),
            ("loaded", Key),
            ("unchanged", Key),
            ("rejected", Key),
            ("warnings", Key),
            ("unmapped", Key),
            ("redacted", Key),
            ("local_date", Day),
            ("failed", Flag),
        ],
        only: None,
        event: &[],
        dated: Dated::NONE,
    },
];
