//! Events, their participants, and their milestones.

use super::{
    Dated, FieldKind, FieldKind::*, HAPPENED, HELD, TableDefinition, decides, grows, refers,
};

/// Declares the milestones of events once. The SQL, its columns, and the names that metrics use
/// follow from it.
macro_rules! stamped {
    ($($code:literal $day:literal,)*) => {
        /// Columns of the first stamp of each kind: its minute, and a minute of its day where only
        /// the day is known.
        pub const STAMPS: &[(&str, &str)] = &[$(($code, $day),)*];
        const TIMINGS_SQL: &str = concat!(
            "with stamp as (select m.event_id, y.code, m.time_precision = 'DAY' as by_day, \
                min(floor(date_part('epoch', m.occurred_at) / 60 + 0.5)::bigint) as minute \
                from warehouse.milestone m join warehouse.milestone_type y using \
                (milestone_type_id) where {m.event_id} group by 1, 2, 3) \
            select e.event_id, floor(date_part('epoch', e.start_at) / 60 + 0.5)::bigint, \
            floor(date_part('epoch', e.end_at) / 60 + 0.5)::bigint, x.time_limit_minutes",
            $(", min(minute) filter (where code = '", $code, "' and not by_day), min(minute) \
                filter (where code = '", $code, "' and by_day)",)*
            " from stamp s join warehouse.event e using (event_id) left join warehouse.exercise x \
             using (event_id) group by e.event_id, x.time_limit_minutes"
        );
        const TIMINGS_COLUMNS: &[(&str, FieldKind)] = &[
            ("event_id", Key),
            ("start_minute", Key),
            ("end_minute", Key),
            ("limit_minutes", Id),
            $(($code, Key), ($day, Key),)*
        ];
        const TIMINGS_VALUES: &[&str] = &["end_minute", $($code, $day,)*];
    };
}

stamped! {
    "notified" "notified_by_day",
    "acknowledged" "acknowledged_by_day",
    "activated" "activated_by_day",
    "staff_assembled" "staff_assembled_by_day",
    "members_notified" "members_notified_by_day",
    "first_sitrep" "first_sitrep_by_day",
    "eei_requested" "eei_requested_by_day",
    "eei_collected" "eei_collected_by_day",
    "resource_requested" "resource_requested_by_day",
    "resource_filled" "resource_filled_by_day",
    "demobilized" "demobilized_by_day",
    "hotwash_held" "hotwash_held_by_day",
}

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
            grows(
                "warehouse.milestone",
                "select t.event_id from warehouse.milestone t where {new}",
            ),
            grows(
                "warehouse.participation",
                "select t.event_id from warehouse.participation t where {new}",
            ),
            refers("warehouse.organization"),
        ],
        by: "event_id",
        sql: "select e.event_id, e.owes_aar, a.final_on, m.final_on, coalesce(p.present, 0)::int, \
            coalesce(p.state_core, 0)::int, coalesce(p.hpp_core, 0)::int \
            from warehouse.event e left join warehouse.after_action_report a using (event_id) \
            left join (select m.event_id, min(m.occurred_at at time zone case when v.time_zone = \
            any ((select meta.time_zones())::text[]) then v.time_zone else (select \
            meta.time_zone()) end)::date as final_on from warehouse.milestone m \
                join warehouse.event v using (event_id) \
                join warehouse.milestone_type y using (milestone_type_id) where y.code = \
                'aar_final' and {m.event_id} group by 1) m using (event_id) \
            left join (select p.event_id, count(*) as present, count(distinct d.code) filter \
            (where d.state_core and o.organization_id > 0) as state_core, \
                    count(distinct d.code) filter (where d.hpp_core and o.organization_id > 0) as \
                    hpp_core \
                from warehouse.participation p join warehouse.organization o using \
                (organization_id) join warehouse.discipline d using (discipline_id) where \
                {p.event_id} group by 1) p using (event_id) \
            where {e.event_id}",
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
    // First stamp of each kind in an event, in minutes since 1970: known to the minute or hour, and
    // known only to the day.
    TableDefinition {
        name: "timings",
        sources: &[
            grows(
                "warehouse.milestone",
                "select t.event_id from warehouse.milestone t where {new}",
            ),
            refers("warehouse.event"),
            grows("warehouse.exercise", "select t.event_id from warehouse.exercise t where {new}"),
        ],
        by: "event_id",
        sql: TIMINGS_SQL,
        columns: TIMINGS_COLUMNS,
        only: None,
        event: &[
            "local_date",
            "hazard_id",
            "event_kind",
            "exercise_type",
            "held",
            "public",
            "regions",
        ],
        dated: Dated { rows: &["local_date"], values: TIMINGS_VALUES, with: &[] },
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
