//! Which facts a snapshot holds: for each table its key, the tables of the warehouse behind it, its statement and its columns.
//!
//! What a fact has from its event (day, kind, hazard, regions, whether it counts) is taken from the snapshot's events, not joined
//! by Postgres row by row.

/// Kind of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `bigint`: a key, or minutes since 1970.
    Key,
    /// `integer`.
    Id,
    /// `date`.
    Day,
    /// `boolean`.
    Flag,
    /// `double precision`.
    Number,
    /// `text` with few distinct values.
    Label,
    /// `text` of several labels joined by `+`.
    Set,
    /// `integer`, a region's id that stands as the code of the region.
    Region,
    /// `integer`, a capability's id, from which come the columns `capability` and `framework`.
    Capability,
}

/// One table.
pub struct TableDefinition {
    /// Its name.
    pub name: &'static str,
    /// Tables it comes from: it is read again when one of them has changed.
    pub tables: &'static [&'static str],
    /// Its statement.
    pub sql: &'static str,
    /// Its own columns, in the order of the statement; the first is its key. Small lists are not joined by Postgres row by row:
    /// a capability comes as its id, a rating as its scale and code (`names.rs`).
    pub columns: &'static [(&'static str, Kind)],
    /// Columns it has from its event, by `event_id`.
    pub event: &'static [&'static str],
    /// How only its new rows are read.
    pub growing: Option<Growing>,
}

/// A table of the warehouse that mostly grows, of whose rows each row of ours is one.
#[derive(Debug)]
pub struct Growing {
    /// Its name.
    pub table: &'static str,
    /// Its key.
    pub key: &'static str,
    /// What the statement ends with for the rows behind a key.
    pub from: &'static str,
}

impl TableDefinition {
    /// Kind of a column.
    pub fn kind(&self, column: &str) -> Option<Kind> {
        let own = self.columns.iter().find(|(name, _)| *name == column).map(|(_, kind)| *kind);
        let made = match column {
            "capability" | "framework" => self.columns.iter().any(|(_, kind)| *kind == Kind::Capability),
            _ => self.columns.iter().any(|(name, _)| *name == RATING) && MARKS.contains(&column),
        };
        let made = made.then_some(if MARKS.contains(&column) { Kind::Flag } else { Kind::Label });
        own.or(made).or_else(|| {
            let of_event = self.event.contains(&column);
            EVENT.iter().find(|(name, _)| of_event && *name == column).map(|(_, kind)| *kind)
        })
    }
}

/// The definition of a table.
pub fn table(name: &str) -> &'static TableDefinition {
    static NONE: TableDefinition =
        TableDefinition { name: "", tables: &[], sql: "", columns: &[], event: &[], growing: None };
    TABLES.iter().find(|table| table.name == name).unwrap_or(&NONE)
}

/// Column of a rating's code, after that of its scale: from both come [`MARKS`].
pub const RATING: &str = "rating";

/// What a rating says, each a column of its own.
pub const MARKS: [&str; 6] = ["good", "met", "p", "s", "m", "u"];

/// What all facts may have from their event; an event that is not there has nothing of it and is in no region.
pub const EVENT: &[(&str, Kind)] = &[
    ("local_date", Kind::Day),
    ("end_date", Kind::Day),
    ("hazard_id", Kind::Id),
    ("event_kind", Kind::Label),
    ("source", Kind::Label),
    ("exercise_type", Kind::Label),
    ("operations", Kind::Flag),
    // An incident that the coalition responded to, not only monitored.
    ("responded", Kind::Flag),
    // What coalitions held or answered: public records that nobody answered do not count.
    ("held", Kind::Flag),
    ("regions", Kind::Set),
];

/// Tables behind what facts have from their event.
pub const EVENT_TABLES: &[&str] =
    &["warehouse.event", "warehouse.event_region", "warehouse.incident", "warehouse.exercise", "warehouse.region"];

/// The events themselves, with their key, in the order of [`EVENT`] without the regions.
pub const EVENTS_SQL: &str = "select e.event_id, e.local_date, coalesce(e.end_local_date, e.local_date), e.hazard_id, e.kind, e.source, \
    coalesce(t.code, 'none'), coalesce(t.class = 'operations', false), coalesce(i.response = 'RESPONDED', false), \
    e.status = 'HELD' and (e.kind <> 'INCIDENT' or coalesce(i.response <> 'NONE', false)) from warehouse.event e left join warehouse.incident i using (event_id) \
    left join warehouse.exercise x using (event_id) left join warehouse.exercise_type t using (exercise_type_id)";

/// Regions of events.
pub const REGIONS_SQL: &str = "select event_id, region_id from warehouse.event_region";

/// How actions that have a history stood after each step of it and before: 0 open, 1 completed, 2 cancelled.
macro_rules! endings {
    () => {
        "with step as (select h.corrective_action_id, h.changed_on, s.standing, \
                lag(s.standing, 1, 0) over (partition by h.corrective_action_id order by h.changed_on, h.sequence) as before \
                from warehouse.action_status_history h cross join lateral (select case when h.status in ('COMPLETED', 'VALIDATED') then 1 when h.status = 'CANCELLED' then 2 else 0 end as standing) s \
                where h.change <> 'DUE_DATE' and h.corrective_action_id in (select corrective_action_id from warehouse.action_status_history where change in ('DUE_DATE', 'REOPENED'))) "
    };
}

/// All tables.
pub static TABLES: &[TableDefinition] = &[
    TableDefinition {
        name: "incidents",
        tables: &["warehouse.incident", "warehouse.event"],
        sql: "select event_id, coalesce(i.deaths_direct, 0) + coalesce(i.deaths_indirect, 0), coalesce(i.injuries_direct, 0) + coalesce(i.injuries_indirect, 0), \
            coalesce(i.damage_property_usd, 0), i.response from warehouse.incident i join warehouse.event e using (event_id) where e.status = 'HELD'",
        columns: &[
            ("event_id", Kind::Key),
            ("deaths", Kind::Id),
            ("injuries", Kind::Id),
            ("damage", Kind::Key),
            ("response", Kind::Label),
        ],
        event: &["local_date", "hazard_id", "source", "regions"],
        growing: None,
    },
    TableDefinition {
        name: "files",
        tables: &["meta.file", "warehouse.event"],
        sql: "select f.file_id::bigint, coalesce(f.source, 'unrecognised'), f.read::bigint, (f.inserted + f.updated)::bigint, f.unchanged::bigint, \
            f.rejected::bigint, f.warnings::bigint, f.unmapped::bigint, f.redacted::bigint, f.finished_at::date, f.status = 'FAILED', \
            n.newest from meta.file f left join (select source, max(local_date) as newest from warehouse.event group by 1) n using (source) \
            where f.status <> 'RUNNING'",
        columns: &[
            ("file_id", Kind::Key),
            ("source", Kind::Label),
            ("read", Kind::Key),
            ("loaded", Kind::Key),
            ("unchanged", Kind::Key),
            ("rejected", Kind::Key),
            ("warnings", Kind::Key),
            ("unmapped", Kind::Key),
            ("redacted", Kind::Key),
            ("local_date", Kind::Day),
            ("failed", Kind::Flag),
            ("newest", Kind::Day),
        ],
        event: &[],
        growing: None,
    },
    // Ratings at capability level that were observed.
    TableDefinition {
        name: "ratings",
        tables: &["warehouse.capability_rating", "warehouse.capability", "warehouse.rating_value"],
        sql: "select r.capability_rating_id, r.event_id, r.capability_id, r.rating_scale_id, r.rating from warehouse.capability_rating r where r.level = 'CAPABILITY'",
        columns: &[
            ("rating_id", Kind::Key),
            ("event_id", Kind::Key),
            ("capability_id", Kind::Capability),
            ("scale", Kind::Id),
            (RATING, Kind::Label),
        ],
        event: &["local_date", "hazard_id", "event_kind", "held", "regions"],
        growing: Some(Growing {
            table: "warehouse.capability_rating",
            key: "capability_rating_id",
            from: "and r.capability_rating_id >",
        }),
    },
    // Areas for improvement with an element: their elements, how many actions they have and when the first was completed.
    TableDefinition {
        name: "areas",
        tables: &[
            "warehouse.finding",
            "warehouse.finding_element",
            "warehouse.corrective_action",
            "warehouse.action_status_history",
            "warehouse.capability",
        ],
        sql: "select f.finding_id, f.event_id, f.capability_id, k.elements, coalesce(a.actions, 0)::int, a.first_completed \
            from warehouse.finding f \
            join (select k.finding_id, string_agg(x.code, '+' order by x.code) as elements from warehouse.finding_element k join warehouse.element x using (element_id) \
                group by 1) k using (finding_id) \
            left join (select a.finding_id, count(*) as actions, min(coalesce(a.completed_on, case when a.status in ('COMPLETED', 'VALIDATED') then \
                (select max(h.changed_on) from warehouse.action_status_history h where h.corrective_action_id = a.corrective_action_id and h.change = 'COMPLETED') end)) \
                as first_completed from warehouse.corrective_action a where a.finding_id is not null group by 1) a using (finding_id) \
            where f.kind = 'AREA_FOR_IMPROVEMENT'",
        columns: &[
            ("finding_id", Kind::Key),
            ("event_id", Kind::Key),
            ("capability_id", Kind::Capability),
            ("elements", Kind::Set),
            ("actions", Kind::Id),
            ("first_completed", Kind::Day),
        ],
        event: &["local_date", "event_kind", "held", "regions"],
        growing: None,
    },
    // Areas for improvement by element; weights in 1/840, which every share of up to eight elements divides.
    TableDefinition {
        name: "area_elements",
        tables: &["warehouse.finding", "warehouse.finding_element", "warehouse.capability"],
        sql: "select f.finding_id, f.event_id, f.capability_id, x.code, round(k.weight * 840)::int \
            from warehouse.finding f \
            join warehouse.finding_element k using (finding_id) join warehouse.element x using (element_id) where f.kind = 'AREA_FOR_IMPROVEMENT'",
        columns: &[
            ("finding_id", Kind::Key),
            ("event_id", Kind::Key),
            ("capability_id", Kind::Capability),
            ("element", Kind::Label),
            ("weight", Kind::Id),
        ],
        event: &["local_date", "hazard_id", "event_kind", "regions"],
        growing: None,
    },
    // Actions with the dates that decide their state on a day; one completed without a date counts from the day it was told. A
    // row holds from `known_from` until `known_until`: an action whose history tells of moved dates or endings taken back has
    // several (`standing.rs`).
    TableDefinition {
        name: "actions",
        tables: &["warehouse.corrective_action", "warehouse.capability", "warehouse.action_status_history"],
        sql: concat!(
            endings!(),
            "select a.corrective_action_id, a.event_id, a.owner_organization_id, a.region_id, a.opened_on, a.due_original_on, a.due_current_on, \
            coalesce(a.completed_on, case when a.status in ('COMPLETED', 'VALIDATED') then (select max(h.changed_on) from warehouse.action_status_history h \
                where h.corrective_action_id = a.corrective_action_id and h.change = 'COMPLETED') end), a.cancelled_on, a.validated_on, \
            a.capability_id, date '0001-01-01', null::date, \
            a.corrective_action_id in (select corrective_action_id from step where standing = 0 and before > 0) \
            from warehouse.corrective_action a"
        ),
        columns: &[
            ("action_id", Kind::Key),
            ("event_id", Kind::Key),
            ("organization_id", Kind::Key),
            ("regions", Kind::Region),
            ("opened_on", Kind::Day),
            ("due_original_on", Kind::Day),
            ("due_current_on", Kind::Day),
            ("completed_on", Kind::Day),
            ("cancelled_on", Kind::Day),
            ("validated_on", Kind::Day),
            ("capability_id", Kind::Capability),
            ("known_from", Kind::Day),
            ("known_until", Kind::Day),
            ("taken_back", Kind::Flag),
        ],
        event: &[],
        growing: None,
    },
    // Endings of those actions of which one was taken back: each completion, cancellation and reopening on its day.
    TableDefinition {
        name: "action_changes",
        tables: &["warehouse.corrective_action", "warehouse.capability", "warehouse.action_status_history"],
        sql: concat!(
            endings!(),
            "select a.corrective_action_id, a.region_id, a.capability_id, s.changed_on, s.standing = 1, s.standing = 2, s.standing = 0 \
            from step s join warehouse.corrective_action a using (corrective_action_id) \
            where s.standing <> s.before and a.corrective_action_id in (select corrective_action_id from step where standing = 0 and before > 0)"
        ),
        columns: &[
            ("action_id", Kind::Key),
            ("regions", Kind::Region),
            ("capability_id", Kind::Capability),
            ("changed_on", Kind::Day),
            ("closed", Kind::Flag),
            ("cancelled", Kind::Flag),
            ("reopened", Kind::Flag),
        ],
        event: &[],
        growing: None,
    },
    // Exercises that were held.
    TableDefinition {
        name: "exercises",
        tables: &["warehouse.exercise", "warehouse.event"],
        sql: "select x.event_id from warehouse.exercise x join warehouse.event e using (event_id) where e.status = 'HELD' and x.exercise_type_id is not null",
        columns: &[("event_id", Kind::Key)],
        event: &["local_date", "hazard_id", "exercise_type", "operations", "regions"],
        growing: None,
    },
    // What coalitions held or answered, with its report and who took part.
    TableDefinition {
        name: "events",
        tables: &[
            "warehouse.event",
            "warehouse.incident",
            "warehouse.exercise",
            "warehouse.after_action_report",
            "warehouse.milestone",
            "warehouse.participation",
            "warehouse.organization",
        ],
        sql: "select e.event_id, e.owes_aar, coalesce(a.final_on, m.final_on), coalesce(p.present, 0)::int, coalesce(p.ma_core, 0)::int, coalesce(p.hpp_core, 0)::int \
            from warehouse.event e left join warehouse.incident i using (event_id) left join warehouse.after_action_report a using (event_id) \
            left join (select m.event_id, min(m.occurred_at at time zone 'America/New_York')::date as final_on from warehouse.milestone m \
                join warehouse.milestone_type y using (milestone_type_id) where y.code = 'aar_final' group by 1) m using (event_id) \
            left join (select p.event_id, count(*) as present, count(distinct d.code) filter (where d.ma_core and o.organization_id > 0) as ma_core, \
                    count(distinct d.code) filter (where d.hpp_core and o.organization_id > 0) as hpp_core \
                from warehouse.participation p join warehouse.organization o using (organization_id) join warehouse.discipline d using (discipline_id) group by 1) p using (event_id) \
            where e.status = 'HELD' and (e.kind <> 'INCIDENT' or i.response <> 'NONE')",
        columns: &[
            ("event_id", Kind::Key),
            ("owes_aar", Kind::Flag),
            ("final_on", Kind::Day),
            ("present", Kind::Id),
            ("ma_core", Kind::Id),
            ("hpp_core", Kind::Id),
        ],
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
        growing: None,
    },
    // Hazards of events besides the primary one.
    TableDefinition {
        name: "event_hazards",
        tables: &["warehouse.event_hazard"],
        sql: "select event_id, hazard_id from warehouse.event_hazard where not is_primary",
        columns: &[("event_id", Kind::Key), ("hazard_id", Kind::Id)],
        event: &["local_date", "event_kind", "held", "regions"],
        growing: None,
    },
    // First stamp of each kind in an event, in minutes since 1970, known to the minute or hour; -1 where only the day is known.
    TableDefinition {
        name: "timings",
        tables: &["warehouse.milestone", "warehouse.event", "warehouse.exercise"],
        sql: "with stamp as (select m.event_id, y.code, \
                coalesce(min((extract(epoch from m.occurred_at) / 60)::bigint) filter (where m.time_precision <> 'day'), -1) as minute \
                from warehouse.milestone m join warehouse.milestone_type y using (milestone_type_id) group by 1, 2) \
            select e.event_id, (extract(epoch from e.start_at) / 60)::bigint, (extract(epoch from e.end_at) / 60)::bigint, x.time_limit_minutes, \
                min(minute) filter (where code = 'notified'), min(minute) filter (where code = 'acknowledged'), \
                min(minute) filter (where code = 'activated'), min(minute) filter (where code = 'staff_assembled'), \
                min(minute) filter (where code = 'members_notified'), min(minute) filter (where code = 'first_sitrep'), \
                min(minute) filter (where code = 'eei_requested'), min(minute) filter (where code = 'eei_collected'), \
                min(minute) filter (where code = 'resource_requested'), min(minute) filter (where code = 'resource_filled'), \
                min(minute) filter (where code = 'demobilised'), min(minute) filter (where code = 'hotwash_held') \
            from stamp s join warehouse.event e using (event_id) left join warehouse.exercise x using (event_id) group by e.event_id, x.time_limit_minutes",
        columns: &[
            ("event_id", Kind::Key),
            ("start_minute", Kind::Key),
            ("end_minute", Kind::Key),
            ("limit_minutes", Kind::Id),
            ("notified", Kind::Key),
            ("acknowledged", Kind::Key),
            ("activated", Kind::Key),
            ("staff_assembled", Kind::Key),
            ("members_notified", Kind::Key),
            ("first_sitrep", Kind::Key),
            ("eei_requested", Kind::Key),
            ("eei_collected", Kind::Key),
            ("resource_requested", Kind::Key),
            ("resource_filled", Kind::Key),
            ("demobilised", Kind::Key),
            ("hotwash_held", Kind::Key),
        ],
        event: &["local_date", "hazard_id", "event_kind", "exercise_type", "held", "regions"],
        growing: None,
    },
    // Quantities in thousandths, so that sums are exact.
    TableDefinition {
        name: "resource_requests",
        tables: &["warehouse.resource_request", "warehouse.event"],
        sql: "select r.resource_request_id, r.event_id, r.organization_id, r.region_id, coalesce(e.local_date, (r.requested_at at time zone 'America/New_York')::date), \
            coalesce(e.hazard_id, -1), round(r.quantity_requested * 1000)::bigint, round(r.quantity_filled * 1000)::bigint, \
            (extract(epoch from r.requested_at) / 60)::bigint, (extract(epoch from r.needed_by) / 60)::bigint, (extract(epoch from r.filled_at) / 60)::bigint \
            from warehouse.resource_request r left join warehouse.event e using (event_id) where r.status <> 'CANCELLED'",
        columns: &[
            ("request_id", Kind::Key),
            ("event_id", Kind::Key),
            ("organization_id", Kind::Key),
            ("regions", Kind::Region),
            ("local_date", Kind::Day),
            ("hazard_id", Kind::Id),
            ("asked", Kind::Key),
            ("filled", Kind::Key),
            ("asked_minute", Kind::Key),
            ("needed_minute", Kind::Key),
            ("filled_minute", Kind::Key),
        ],
        event: &[],
        growing: None,
    },
    TableDefinition {
        name: "information_reports",
        tables: &[
            "warehouse.information_request",
            "warehouse.information_report",
            "warehouse.organization",
            "warehouse.discipline",
        ],
        sql: "select q.information_request_id, q.event_id, (extract(epoch from q.asked_at) / 60)::bigint, (extract(epoch from q.due_at) / 60)::bigint, \
            (extract(epoch from r.received_at) / 60)::bigint, r.organization_id, d.code \
            from warehouse.information_request q join warehouse.information_report r using (information_request_id) \
            join warehouse.organization o using (organization_id) join warehouse.discipline d using (discipline_id)",
        columns: &[
            ("request_id", Kind::Key),
            ("event_id", Kind::Key),
            ("asked_minute", Kind::Key),
            ("due_minute", Kind::Key),
            ("received_minute", Kind::Key),
            ("organization_id", Kind::Key),
            ("discipline", Kind::Label),
        ],
        event: &["local_date", "hazard_id", "event_kind", "held", "regions"],
        growing: None,
    },
    // Which organisation took part in what; its own region and discipline, and the kind and day of the event.
    TableDefinition {
        name: "participations",
        tables: &["warehouse.participation", "warehouse.organization", "warehouse.discipline"],
        sql: "select distinct p.organization_id, p.event_id, o.region_id, o.region_id, d.code, o.active from warehouse.participation p \
            join warehouse.organization o using (organization_id) join warehouse.discipline d using (discipline_id)",
        columns: &[
            ("organization_id", Kind::Key),
            ("event_id", Kind::Key),
            ("regions", Kind::Region),
            ("region_id", Kind::Id),
            ("discipline", Kind::Label),
            ("active", Kind::Flag),
        ],
        event: &["local_date", "event_kind", "exercise_type", "operations", "responded", "held"],
        growing: None,
    },
    TableDefinition {
        name: "organizations",
        tables: &["warehouse.organization", "warehouse.discipline"],
        sql: "select o.organization_id, o.region_id, o.region_id, d.code, o.active \
            from warehouse.organization o join warehouse.discipline d using (discipline_id) where o.organization_id > 0",
        columns: &[
            ("organization_id", Kind::Key),
            ("regions", Kind::Region),
            ("region_id", Kind::Id),
            ("discipline", Kind::Label),
            ("active", Kind::Flag),
        ],
        event: &[],
        growing: None,
    },
    // Scores with the days of the same organisation's next two assessments, from which follows what is latest on a day. An
    // assessment without an organisation stands for its region.
    TableDefinition {
        name: "risks",
        tables: &[
            "warehouse.risk_score",
            "warehouse.risk_assessment",
            "warehouse.organization",
            "warehouse.discipline",
        ],
        sql: "with assessment as (select a.risk_assessment_id, a.assessed_on, a.region_id, \
                case when a.organization_id > 0 then a.organization_id else -1000000 - a.region_id end as owner, \
                case when a.organization_id > 0 then d.code else 'unmapped' end as discipline, \
                lead(a.assessed_on) over w as next_on, lead(a.assessed_on, 2) over w as second_on \
                from warehouse.risk_assessment a join warehouse.organization o using (organization_id) join warehouse.discipline d using (discipline_id) \
                where exists (select from warehouse.risk_score s where s.risk_assessment_id = a.risk_assessment_id) \
                window w as (partition by case when a.organization_id > 0 then a.organization_id else -1000000 - a.region_id end order by a.assessed_on, a.risk_assessment_id)) \
            select a.risk_assessment_id, a.owner, a.region_id, a.region_id, a.discipline, a.assessed_on, a.next_on, a.second_on, s.hazard_id, s.applicable, s.risk, \
            s.inherent_risk, s.rank_in_assessment, s.risk_assessment_id * 65536 + s.hazard_id + 1 from warehouse.risk_score s join assessment a using (risk_assessment_id)",
        columns: &[
            ("assessment_id", Kind::Key),
            ("organization_id", Kind::Key),
            ("regions", Kind::Region),
            ("region_id", Kind::Id),
            ("discipline", Kind::Label),
            ("assessed_on", Kind::Day),
            ("next_on", Kind::Day),
            ("second_on", Kind::Day),
            ("hazard_id", Kind::Id),
            ("applicable", Kind::Flag),
            ("risk", Kind::Number),
            ("inherent", Kind::Number),
            ("rank", Kind::Id),
            // Assessment and hazard in one number: what is grouped by one key is grouped fast.
            ("score", Kind::Key),
        ],
        event: &[],
        growing: None,
    },
    // What a report owes, each part yes or no; by event that has a report or findings.
    TableDefinition {
        name: "reports",
        tables: &[
            "warehouse.after_action_report",
            "warehouse.objective",
            "warehouse.capability_rating",
            "warehouse.finding",
            "warehouse.corrective_action",
            "warehouse.corrective_action_element",
            "warehouse.participation",
            "warehouse.event",
            "warehouse.exercise",
        ],
        sql: "with finding as (select n.event_id, bool_and(n.reference is not null)::int as reference, bool_and(n.analysis is not null)::int as analysis, \
                bool_and(exists (select from warehouse.corrective_action c where c.finding_id = n.finding_id))::int as action \
                from warehouse.finding n where n.kind = 'AREA_FOR_IMPROVEMENT' group by 1), \
            action as (select c.event_id, bool_and(c.owner_organization_id > 0)::int as owner, bool_and(c.start_on is not null)::int as start, \
                bool_and(c.due_original_on is not null)::int as due, \
                bool_and(exists (select from warehouse.corrective_action_element k where k.corrective_action_id = c.corrective_action_id))::int as element \
                from warehouse.corrective_action c group by 1), \
            rating as (select c.event_id, bool_or(c.subject is not null) as subject from warehouse.capability_rating c group by 1), \
            objective as (select o.event_id from warehouse.objective o where o.capability_id > 0 group by 1), \
            present as (select p.event_id from warehouse.participation p group by 1), \
            found as (select n.event_id from warehouse.finding n group by 1) \
            select e.event_id, ((coalesce(r.has_overview, x.scope is not null or e.narrative is not null))::int \
                + (o.event_id is not null or coalesce(c.subject, false))::int + (c.event_id is not null)::int \
                + coalesce(f.reference, 0) + coalesce(f.analysis, 0) + coalesce(f.action, 0) \
                + coalesce(a.owner, 0) + coalesce(a.element, 0) + coalesce(a.start, 0) + coalesce(a.due, 0) \
                + (coalesce(r.participants_listed, false) or p.event_id is not null)::int)::int \
            from warehouse.event e left join warehouse.after_action_report r using (event_id) left join warehouse.exercise x using (event_id) \
            left join finding f using (event_id) left join action a using (event_id) left join rating c using (event_id) \
            left join objective o using (event_id) left join present p using (event_id) left join found n using (event_id) \
            where e.owes_aar and (r.event_id is not null or n.event_id is not null)",
        columns: &[("event_id", Kind::Key), ("parts", Kind::Id)],
        event: &["local_date", "end_date", "hazard_id", "event_kind", "exercise_type", "held", "regions"],
        growing: None,
    },
];
