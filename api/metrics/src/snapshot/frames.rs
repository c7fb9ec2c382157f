//! Which facts a snapshot holds: for each frame the tables it comes from, its query and its columns.

use super::read::Kind;

/// One frame.
pub struct FrameDefinition {
    /// Its name.
    pub name: &'static str,
    /// Tables it comes from: it is read again when one of them has changed.
    pub tables: &'static [&'static str],
    /// Its query.
    pub sql: &'static str,
    /// Its columns, in the order of the query.
    pub columns: &'static [(&'static str, Kind)],
}

/// All frames.
pub static FRAMES: &[FrameDefinition] = &[
    FrameDefinition {
        name: "incidents",
        tables: &["warehouse.event", "warehouse.incident"],
        sql: "select e.event_id, e.local_date, e.hazard_id, e.source, \
            coalesce(i.deaths_direct, 0) + coalesce(i.deaths_indirect, 0), coalesce(i.injuries_direct, 0) + coalesce(i.injuries_indirect, 0), \
            coalesce(i.damage_property_usd, 0), i.response from warehouse.event e join warehouse.incident i using (event_id) where e.status = 'HELD'",
        columns: &[
            ("event_id", Kind::Key),
            ("local_date", Kind::Day),
            ("hazard_id", Kind::Id),
            ("source", Kind::Label),
            ("deaths", Kind::Id),
            ("injuries", Kind::Id),
            ("damage", Kind::Key),
            ("response", Kind::Label),
        ],
    },
    FrameDefinition {
        name: "event_regions",
        tables: &["warehouse.event_region", "warehouse.event"],
        sql: "select event_id, region_id from warehouse.event_region",
        columns: &[("event_id", Kind::Key), ("region_id", Kind::Id)],
    },
    FrameDefinition {
        name: "files",
        tables: &["meta.file", "warehouse.event"],
        sql: "select f.file_id::bigint, coalesce(f.source, 'unrecognised'), f.read, f.inserted + f.updated, f.unchanged, f.rejected, f.warnings, \
            f.unmapped, f.redacted, f.finished_at::date, (f.status = 'FAILED')::int, \
            (select max(local_date) from warehouse.event e where e.source = f.source) from meta.file f where f.status <> 'RUNNING'",
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
            ("failed", Kind::Id),
            ("newest", Kind::Day),
        ],
    },
    // Ratings at capability level that were observed.
    FrameDefinition {
        name: "ratings",
        tables: &["warehouse.capability_rating", "warehouse.event", "warehouse.capability", "warehouse.rating_value"],
        sql: "select r.event_id, r.capability_rating_id, e.local_date, e.hazard_id, e.kind, f.code || ':' || c.code, f.code, \
            v.counts_as_good::int, v.met_objective::int, (r.rating in ('P', 'FULLY'))::int, (r.rating = 'S')::int, (r.rating in ('M', 'PARTIALLY'))::int, \
            (r.rating in ('U', 'NOT'))::int \
            from warehouse.capability_rating r join warehouse.event e using (event_id) join warehouse.capability c using (capability_id) \
            join warehouse.capability_framework f using (capability_framework_id) \
            join warehouse.rating_value v on v.rating_scale_id = r.rating_scale_id and v.code = r.rating where r.level = 'CAPABILITY' and not v.excluded",
        columns: &[
            ("event_id", Kind::Key),
            ("rating_id", Kind::Key),
            ("local_date", Kind::Day),
            ("hazard_id", Kind::Id),
            ("event_kind", Kind::Label),
            ("capability", Kind::Label),
            ("framework", Kind::Label),
            ("good", Kind::Id),
            ("met", Kind::Id),
            ("p", Kind::Id),
            ("s", Kind::Id),
            ("m", Kind::Id),
            ("u", Kind::Id),
        ],
    },
    // Areas for improvement by element; weights in 1/840, which every share of up to eight elements divides.
    FrameDefinition {
        name: "areas",
        tables: &["warehouse.finding", "warehouse.finding_element", "warehouse.event", "warehouse.capability"],
        sql: "select f.finding_id, f.event_id, e.local_date, e.hazard_id, e.kind, g.code || ':' || c.code, g.code, x.code, round(k.weight * 840)::int \
            from warehouse.finding f join warehouse.event e using (event_id) join warehouse.capability c using (capability_id) \
            join warehouse.capability_framework g using (capability_framework_id) join warehouse.finding_element k using (finding_id) \
            join warehouse.element x using (element_id) where f.kind = 'AREA_FOR_IMPROVEMENT'",
        columns: &[
            ("finding_id", Kind::Key),
            ("event_id", Kind::Key),
            ("local_date", Kind::Day),
            ("hazard_id", Kind::Id),
            ("event_kind", Kind::Label),
            ("capability", Kind::Label),
            ("framework", Kind::Label),
            ("element", Kind::Label),
            ("weight", Kind::Id),
        ],
    },
    // Actions with the dates that decide their state on a day; one completed without a date counts from the day it was told.
    FrameDefinition {
        name: "actions",
        tables: &[
            "warehouse.corrective_action",
            "warehouse.capability",
            "warehouse.corrective_action_element",
            "warehouse.action_status_history",
        ],
        sql: "select a.corrective_action_id, a.finding_id, a.event_id, a.region_id, a.owner_organization_id, a.opened_on, a.due_original_on, a.due_current_on, \
            coalesce(a.completed_on, case when a.status in ('COMPLETED', 'VALIDATED') then (select max(h.changed_on) from warehouse.action_status_history h \
                where h.corrective_action_id = a.corrective_action_id and h.change = 'COMPLETED') end), a.cancelled_on, a.validated_on, \
            f.code || ':' || c.code, f.code from warehouse.corrective_action a join warehouse.capability c using (capability_id) \
            join warehouse.capability_framework f using (capability_framework_id)",
        columns: &[
            ("action_id", Kind::Key),
            ("finding_id", Kind::Key),
            ("event_id", Kind::Key),
            ("region_id", Kind::Id),
            ("organization_id", Kind::Key),
            ("opened_on", Kind::Day),
            ("due_original_on", Kind::Day),
            ("due_current_on", Kind::Day),
            ("completed_on", Kind::Day),
            ("cancelled_on", Kind::Day),
            ("validated_on", Kind::Day),
            ("capability", Kind::Label),
            ("framework", Kind::Label),
        ],
    },
    // What actions went through whose due date was moved or whose ending was taken back; 1 completed, 2 cancelled, 0 open, none unchanged.
    FrameDefinition {
        name: "action_steps",
        tables: &["warehouse.action_status_history"],
        sql: "select h.corrective_action_id, h.changed_on, case when h.change = 'DUE_DATE' then null when h.status in ('COMPLETED', 'VALIDATED') then 1 when h.status = 'CANCELLED' then 2 else 0 end, h.due_on \
            from warehouse.action_status_history h where h.corrective_action_id in \
            (select corrective_action_id from warehouse.action_status_history where change in ('DUE_DATE', 'REOPENED')) \
            order by h.corrective_action_id, h.changed_on, h.sequence",
        columns: &[("action_id", Kind::Key), ("changed_on", Kind::Day), ("standing", Kind::Id), ("due_on", Kind::Day)],
    },
    // Exercises that were held.
    FrameDefinition {
        name: "exercises",
        tables: &["warehouse.exercise", "warehouse.event"],
        sql: "select e.event_id, e.local_date, e.hazard_id, t.code, (t.class = 'operations')::int from warehouse.exercise x \
            join warehouse.event e using (event_id) join warehouse.exercise_type t using (exercise_type_id) where e.status = 'HELD'",
        columns: &[
            ("event_id", Kind::Key),
            ("local_date", Kind::Day),
            ("hazard_id", Kind::Id),
            ("exercise_type", Kind::Label),
            ("operations", Kind::Id),
        ],
    },
    // What coalitions held or answered: public records that nobody answered stay out.
    FrameDefinition {
        name: "events",
        tables: &[
            "warehouse.event",
            "warehouse.incident",
            "warehouse.exercise",
            "warehouse.after_action_report",
            "warehouse.milestone",
            "warehouse.event_hazard",
        ],
        sql: "select e.event_id, e.kind, coalesce(t.code, 'none'), coalesce(t.class = 'operations', false)::int, coalesce(i.response = 'RESPONDED', false)::int, e.local_date, coalesce(e.end_local_date, e.local_date), \
            e.hazard_id, e.owes_aar::int, coalesce(a.final_on, (select min(m.occurred_at at time zone 'America/New_York')::date from warehouse.milestone m \
                join warehouse.milestone_type y using (milestone_type_id) where m.event_id = e.event_id and y.code = 'aar_final')), \
            x.time_limit_minutes, (extract(epoch from e.start_at) / 60)::bigint, (extract(epoch from e.end_at) / 60)::bigint, \
            coalesce((select string_agg(h.hazard_id::text, '+' order by h.hazard_id) from warehouse.event_hazard h where h.event_id = e.event_id and not h.is_primary), '') \
            from warehouse.event e left join warehouse.incident i using (event_id) left join warehouse.exercise x using (event_id) \
            left join warehouse.exercise_type t using (exercise_type_id) left join warehouse.after_action_report a using (event_id) \
            where e.status = 'HELD' and (e.kind <> 'INCIDENT' or i.response <> 'NONE')",
        columns: &[
            ("event_id", Kind::Key),
            ("event_kind", Kind::Label),
            ("exercise_type", Kind::Label),
            ("operations", Kind::Id),
            ("responded", Kind::Id),
            ("local_date", Kind::Day),
            ("end_date", Kind::Day),
            ("hazard_id", Kind::Id),
            ("owes_aar", Kind::Id),
            ("final_on", Kind::Day),
            ("limit_minutes", Kind::Id),
            ("start_minute", Kind::Key),
            ("end_minute", Kind::Key),
            ("other_hazards", Kind::Label),
        ],
    },
    // First stamp of each kind in an event, known to the minute or hour; none where only the day is known.
    FrameDefinition {
        name: "milestones",
        tables: &["warehouse.milestone"],
        sql: "select m.event_id, y.code, min((extract(epoch from m.occurred_at) / 60)::bigint) filter (where m.time_precision <> 'day') \
            from warehouse.milestone m join warehouse.milestone_type y using (milestone_type_id) group by 1, 2",
        columns: &[("event_id", Kind::Key), ("milestone", Kind::Label), ("minute", Kind::Key)],
    },
    FrameDefinition {
        name: "resource_requests",
        tables: &["warehouse.resource_request", "warehouse.event"],
        sql: "select r.resource_request_id, r.event_id, r.region_id, r.organization_id, coalesce(e.local_date, (r.requested_at at time zone 'America/New_York')::date), \
            coalesce(e.hazard_id, -1), r.quantity_requested, r.quantity_filled, (extract(epoch from r.requested_at) / 60)::bigint, \
            (extract(epoch from r.needed_by) / 60)::bigint, (extract(epoch from r.filled_at) / 60)::bigint \
            from warehouse.resource_request r left join warehouse.event e using (event_id) where r.status <> 'CANCELLED'",
        columns: &[
            ("request_id", Kind::Key),
            ("event_id", Kind::Key),
            ("region_id", Kind::Id),
            ("organization_id", Kind::Key),
            ("local_date", Kind::Day),
            ("hazard_id", Kind::Id),
            ("asked", Kind::Number),
            ("filled", Kind::Number),
            ("asked_minute", Kind::Key),
            ("needed_minute", Kind::Key),
            ("filled_minute", Kind::Key),
        ],
    },
    FrameDefinition {
        name: "information_reports",
        tables: &["warehouse.information_request", "warehouse.information_report", "warehouse.event"],
        sql: "select q.information_request_id, q.event_id, r.organization_id, e.local_date, (extract(epoch from q.asked_at) / 60)::bigint, \
            (extract(epoch from q.due_at) / 60)::bigint, (extract(epoch from r.received_at) / 60)::bigint \
            from warehouse.information_request q join warehouse.information_report r using (information_request_id) join warehouse.event e using (event_id)",
        columns: &[
            ("request_id", Kind::Key),
            ("event_id", Kind::Key),
            ("organization_id", Kind::Key),
            ("local_date", Kind::Day),
            ("asked_minute", Kind::Key),
            ("due_minute", Kind::Key),
            ("received_minute", Kind::Key),
        ],
    },
    FrameDefinition {
        name: "participations",
        tables: &["warehouse.participation"],
        sql: "select distinct event_id, organization_id from warehouse.participation",
        columns: &[("event_id", Kind::Key), ("organization_id", Kind::Key)],
    },
    FrameDefinition {
        name: "organizations",
        tables: &["warehouse.organization", "warehouse.discipline"],
        sql: "select o.organization_id, o.region_id, d.code, d.ma_core::int, d.hpp_core::int, o.active::int \
            from warehouse.organization o join warehouse.discipline d using (discipline_id) where o.organization_id > 0",
        columns: &[
            ("organization_id", Kind::Key),
            ("region_id", Kind::Id),
            ("discipline", Kind::Label),
            ("ma_core", Kind::Id),
            ("hpp_core", Kind::Id),
            ("active", Kind::Id),
        ],
    },
    FrameDefinition {
        name: "risks",
        tables: &["warehouse.risk_score", "warehouse.risk_assessment"],
        sql: "select a.risk_assessment_id, a.organization_id, a.region_id, a.assessed_on, s.hazard_id, s.applicable::int, s.risk, s.inherent_risk, s.rank_in_assessment \
            from warehouse.risk_score s join warehouse.risk_assessment a using (risk_assessment_id)",
        columns: &[
            ("assessment_id", Kind::Key),
            ("organization_id", Kind::Key),
            ("region_id", Kind::Id),
            ("assessed_on", Kind::Day),
            ("hazard_id", Kind::Id),
            ("applicable", Kind::Id),
            ("risk", Kind::Number),
            ("inherent", Kind::Number),
            ("rank", Kind::Id),
        ],
    },
    // Mean of what a report owes, each part yes or no; by event that has a report or findings.
    FrameDefinition {
        name: "completeness",
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
        sql: "select e.event_id, ((coalesce(r.has_overview, x.scope is not null or e.narrative is not null))::int \
                + (exists (select from warehouse.objective o where o.event_id = e.event_id and o.capability_id > 0) \
                    or exists (select from warehouse.capability_rating c where c.event_id = e.event_id and c.subject is not null))::int \
                + (exists (select from warehouse.capability_rating c where c.event_id = e.event_id))::int \
                + coalesce(f.reference, 0) + coalesce(f.analysis, 0) + coalesce(f.action, 0) \
                + coalesce(a.owner, 0) + coalesce(a.element, 0) + coalesce(a.start, 0) + coalesce(a.due, 0) \
                + (coalesce(r.participants_listed, false) or exists (select from warehouse.participation p where p.event_id = e.event_id))::int)::float8 / 11 \
            from warehouse.event e left join warehouse.after_action_report r using (event_id) left join warehouse.exercise x using (event_id) \
            left join lateral (select bool_and(n.reference is not null)::int as reference, bool_and(n.analysis is not null)::int as analysis, \
                bool_and(exists (select from warehouse.corrective_action c where c.finding_id = n.finding_id))::int as action \
                from warehouse.finding n where n.event_id = e.event_id and n.kind = 'AREA_FOR_IMPROVEMENT') f on true \
            left join lateral (select bool_and(c.owner_organization_id > 0)::int as owner, bool_and(c.start_on is not null)::int as start, \
                bool_and(c.due_original_on is not null)::int as due, \
                bool_and(exists (select from warehouse.corrective_action_element k where k.corrective_action_id = c.corrective_action_id))::int as element \
                from warehouse.corrective_action c where c.event_id = e.event_id) a on true \
            where e.owes_aar and (r.event_id is not null or exists (select from warehouse.finding n where n.event_id = e.event_id))",
        columns: &[("event_id", Kind::Key), ("completeness", Kind::Number)],
    },
    FrameDefinition {
        name: "requirements",
        tables: &["warehouse.requirement"],
        sql: "select r.requirement_id::bigint, r.programme, r.programme || ' ' || r.code || ' ' || r.period, r.applies_to, coalesce(d.code, 'any'), coalesce(r.exercise_class, 'any'), \
            coalesce(t.code, 'any'), r.incident_counts::int, r.minimum_events, r.maximum_gap_days, r.period_start, r.due_on \
            from warehouse.requirement r left join warehouse.discipline d using (discipline_id) left join warehouse.exercise_type t using (exercise_type_id)",
        columns: &[
            ("requirement_id", Kind::Key),
            ("programme", Kind::Label),
            ("requirement", Kind::Label),
            ("applies_to", Kind::Label),
            ("discipline", Kind::Label),
            ("exercise_class", Kind::Label),
            ("exercise_type", Kind::Label),
            ("incident_counts", Kind::Id),
            ("minimum_events", Kind::Id),
            ("maximum_gap_days", Kind::Id),
            ("period_start", Kind::Day),
            ("due_on", Kind::Day),
        ],
    },
];
