//! Events, who took part in them and what they owe to time.

use super::{HAPPENED, Kind::*, TableDefinition, decides, grows, refers};

/// Tables by event and by organisation, and what files brought.
pub static TABLES: &[TableDefinition] = &[
    TableDefinition {
        name: "incidents",
        sources: &[
            grows("warehouse.incident", "select t.event_id from warehouse.incident t where {new}"),
            refers("warehouse.event"),
        ],
        by: "event_id",
        sql: "select event_id, coalesce(i.deaths_direct, 0) + coalesce(i.deaths_indirect, 0), coalesce(i.injuries_direct, 0) + coalesce(i.injuries_indirect, 0), \
            coalesce(i.damage_property_usd, 0), i.response from warehouse.incident i where {i.event_id}",
        columns: &[("event_id", Key), ("deaths", Id), ("injuries", Id), ("damage", Key), ("response", Label)],
        only: Some(HAPPENED),
        event: &["local_date", "hazard_id", "source", "regions"],
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
        event: &["local_date", "hazard_id", "exercise_type", "operations", "regions"],
    },
    // What coalitions held or answered, with its report and who took part.
    TableDefinition {
        name: "events",
        sources: &[
            grows("warehouse.event", "select t.event_id from warehouse.event t where {new}"),
            grows("warehouse.incident", "select t.event_id from warehouse.incident t where {new}"),
            grows(
                "warehouse.after_action_report",
                "select t.event_id from warehouse.after_action_report t where {new}",
            ),
            grows("warehouse.milestone", "select t.event_id from warehouse.milestone t where {new}"),
            grows("warehouse.participation", "select t.event_id from warehouse.participation t where {new}"),
            refers("warehouse.organization"),
        ],
        by: "event_id",
        sql: "select e.event_id, e.owes_aar, coalesce(a.final_on, m.final_on), coalesce(p.present, 0)::int, coalesce(p.ma_core, 0)::int, coalesce(p.hpp_core, 0)::int \
            from warehouse.event e left join warehouse.incident i using (event_id) left join warehouse.after_action_report a using (event_id) \
            left join (select m.event_id, min(m.occurred_at at time zone 'America/New_York')::date as final_on from warehouse.milestone m \
                join warehouse.milestone_type y using (milestone_type_id) where y.code = 'aar_final' and {m.event_id} group by 1) m using (event_id) \
            left join (select p.event_id, count(*) as present, count(distinct d.code) filter (where d.ma_core and o.organization_id > 0) as ma_core, \
                    count(distinct d.code) filter (where d.hpp_core and o.organization_id > 0) as hpp_core \
                from warehouse.participation p join warehouse.organization o using (organization_id) join warehouse.discipline d using (discipline_id) where {p.event_id} group by 1) p using (event_id) \
            where {e.event_id} and e.status = 'HELD' and (e.kind <> 'INCIDENT' or i.response <> 'NONE')",
        columns: &[
            ("event_id", Key),
            ("owes_aar", Flag),
            ("final_on", Day),
            ("present", Id),
            ("ma_core", Id),
            ("hpp_core", Id),
        ],
        only: None,
        event: &[
            "local_date",
            "end_date",
            "hazard_id",
            "event_kind",
            "exercise_type",
            "operations",
            "responded",
            "regions",
        ],
    },
    // Hazards of events besides the primary one.
    TableDefinition {
        name: "event_hazards",
        sources: &[grows("warehouse.event_hazard", "select t.event_id from warehouse.event_hazard t where {new}")],
        by: "event_id",
        sql: "select h.event_id, h.hazard_id from warehouse.event_hazard h where {h.event_id} and not is_primary",
        columns: &[("event_id", Key), ("hazard_id", Id)],
        only: None,
        event: &["local_date", "event_kind", "held", "regions"],
    },
    // First stamp of each kind in an event, in minutes since 1970, known to the minute or hour; -1 where only the day is known.
    TableDefinition {
        name: "timings",
        sources: &[
            grows("warehouse.milestone", "select t.event_id from warehouse.milestone t where {new}"),
            refers("warehouse.event"),
            grows("warehouse.exercise", "select t.event_id from warehouse.exercise t where {new}"),
        ],
        by: "event_id",
        sql: "with stamp as (select m.event_id, y.code, \
                coalesce(min(floor(date_part('epoch', m.occurred_at) / 60 + 0.5)::bigint) filter (where m.time_precision <> 'day'), -1) as minute \
                from warehouse.milestone m join warehouse.milestone_type y using (milestone_type_id) where {m.event_id} group by 1, 2) \
            select e.event_id, floor(date_part('epoch', e.start_at) / 60 + 0.5)::bigint, floor(date_part('epoch', e.end_at) / 60 + 0.5)::bigint, x.time_limit_minutes, \
                min(minute) filter (where code = 'notified'), min(minute) filter (where code = 'acknowledged'), \
                min(minute) filter (where code = 'activated'), min(minute) filter (where code = 'staff_assembled'), \
                min(minute) filter (where code = 'members_notified'), min(minute) filter (where code = 'first_sitrep'), \
                min(minute) filter (where code = 'eei_requested'), min(minute) filter (where code = 'eei_collected'), \
                min(minute) filter (where code = 'resource_requested'), min(minute) filter (where code = 'resource_filled'), \
                min(minute) filter (where code = 'demobilised'), min(minute) filter (where code = 'hotwash_held') \
            from stamp s join warehouse.event e using (event_id) left join warehouse.exercise x using (event_id) group by e.event_id, x.time_limit_minutes",
        columns: &[
            ("event_id", Key),
            ("start_minute", Key),
            ("end_minute", Key),
            ("limit_minutes", Id),
            ("notified", Key),
            ("acknowledged", Key),
            ("activated", Key),
            ("staff_assembled", Key),
            ("members_notified", Key),
            ("first_sitrep", Key),
            ("eei_requested", Key),
            ("eei_collected", Key),
            ("resource_requested", Key),
            ("resource_filled", Key),
            ("demobilised", Key),
            ("hotwash_held", Key),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "exercise_type", "held", "regions"],
    },
    // Which organisation took part in what; its own region and discipline, and the kind and day of the event.
    TableDefinition {
        name: "participations",
        sources: &[
            grows("warehouse.participation", "select t.event_id from warehouse.participation t where {new}"),
            refers("warehouse.organization"),
        ],
        by: "event_id",
        sql: "select distinct p.organization_id, p.event_id, o.region_id, o.region_id, d.code, o.active from warehouse.participation p \
            join warehouse.organization o using (organization_id) join warehouse.discipline d using (discipline_id) where {p.event_id}",
        columns: &[
            ("organization_id", Key),
            ("event_id", Key),
            ("regions", Region),
            ("region_id", Id),
            ("discipline", Label),
            ("active", Flag),
        ],
        only: None,
        event: &["local_date", "event_kind", "exercise_type", "operations", "responded", "held"],
    },
    TableDefinition {
        name: "organizations",
        sources: &[grows(
            "warehouse.organization",
            "select t.organization_id from warehouse.organization t where {new}",
        )],
        by: "organization_id",
        sql: "select o.organization_id, o.region_id, o.region_id, d.code, o.active \
            from warehouse.organization o join warehouse.discipline d using (discipline_id) where o.organization_id > 0 and {o.organization_id}",
        columns: &[
            ("organization_id", Key),
            ("regions", Region),
            ("region_id", Id),
            ("discipline", Label),
            ("active", Flag),
        ],
        only: None,
        event: &[],
    },
    // What files brought; `newest` is the last day of their source's events (`events.rs`).
    TableDefinition {
        name: "files",
        sources: &[decides("meta.file")],
        by: "file_id",
        sql: "select f.file_id::bigint, coalesce(f.source, 'unrecognised'), f.read::bigint, (f.inserted + f.updated)::bigint, f.unchanged::bigint, \
            f.rejected::bigint, f.warnings::bigint, f.unmapped::bigint, f.redacted::bigint, f.finished_at::date, f.status = 'FAILED', null::date \
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
            ("newest", Day),
        ],
        only: None,
        event: &[],
    },
];
