//! Milestones of events: the first of each type.

use super::{Dated, FieldKind, FieldKind::*, SourceTable, TableDefinition, grows, refers};

/// Milestones, whose events are read again.
pub const STAMPED: SourceTable =
    grows("warehouse.milestone", "select t.event_id from warehouse.milestone t where {new}");

/// SQL for the local day of the first milestone of one of some types, by event.
macro_rules! first_stamp {
    ($day:literal, $codes:literal) => {
        concat!(
            "select m.event_id, min(m.occurred_at at time zone case when v.time_zone = any \
            ((select meta.time_zones())::text[]) then v.time_zone else (select meta.time_zone()) \
            end)::date as ",
            $day,
            " from warehouse.milestone m join warehouse.event v using (event_id) \
                join warehouse.milestone_type y using (milestone_type_id) where y.code in (",
            $codes,
            ") and {m.event_id} group by 1"
        )
    };
}
pub(super) use first_stamp;

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

/// Times of the milestones of events.
pub static TABLES: &[TableDefinition] = &[
    // First stamp of each kind in an event, in minutes since 1970: known to the minute or hour, and
    // known only to the day.
    TableDefinition {
        name: "timings",
        sources: &[
            STAMPED,
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
];
