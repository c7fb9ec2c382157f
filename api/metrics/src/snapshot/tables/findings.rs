//! Contents of after-action reports: ratings, areas for improvement and completeness.

use super::timings::{self, first_stamp};
use super::{Dated, FieldKind::*, RATING, SCALE, TableDefinition, grows, refers};

/// Ratings, areas and reports.
pub static TABLES: &[TableDefinition] = &[
    // Ratings of capabilities, without those not observed.
    TableDefinition {
        name: "ratings",
        sources: &[grows(
            "warehouse.capability_rating",
            "select t.capability_rating_id from warehouse.capability_rating t where {new}",
        )],
        by: "rating_id",
        sql: "select r.capability_rating_id, r.event_id, r.organization_id, r.capability_id, \
            r.rating_scale_id, r.rating from warehouse.capability_rating r where r.level = \
            'CAPABILITY' and {r.capability_rating_id}",
        columns: &[
            ("rating_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("capability_id", Capability),
            (SCALE, Id),
            (RATING, Label),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "held", "public", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Areas for improvement with an element: their elements, and the days on which their first
    // action was opened and completed. A completion counts even if the action was reopened later.
    TableDefinition {
        name: "areas",
        sources: &[
            grows("warehouse.finding", "select t.finding_id from warehouse.finding t where {new}"),
            grows(
                "warehouse.finding_element",
                "select t.finding_id from warehouse.finding_element t where {new}",
            ),
            grows(
                "warehouse.corrective_action",
                "select t.finding_id from warehouse.corrective_action t where {new}",
            ),
            grows(
                "warehouse.action_status_history",
                "select a.finding_id from warehouse.action_status_history t join \
                 warehouse.corrective_action a using (corrective_action_id) where {new}",
            ),
        ],
        by: "finding_id",
        sql: "select f.finding_id, f.event_id, f.organization_id, f.capability_id, k.elements, \
            a.first_opened, a.first_completed \
            from warehouse.finding f \
            join (select k.finding_id, string_agg(x.code, '+' order by x.code) as elements from \
            warehouse.finding_element k join warehouse.element x using (element_id) \
                where {k.finding_id} group by 1) k using (finding_id) \
            left join (select a.finding_id, min(a.opened_on) as first_opened, \
            least(min(a.completed_on), min(h.first_completed)) as first_completed from \
            warehouse.corrective_action a \
                left join (select h.corrective_action_id, min(h.changed_on) as first_completed \
                from warehouse.action_status_history h where h.change = 'COMPLETED' and \
                h.corrective_action_id in \
                    (select c.corrective_action_id from warehouse.corrective_action c where \
                    {c.finding_id}) group by 1) h \
                using (corrective_action_id) where a.finding_id is not null and {a.finding_id} \
                group by 1) a using (finding_id) \
            where f.kind = 'AREA_FOR_IMPROVEMENT' and {f.finding_id}",
        columns: &[
            ("finding_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("capability_id", Capability),
            ("elements", Set),
            ("first_opened", Day),
            ("first_completed", Day),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "held", "public", "regions"],
        dated: Dated {
            rows: &["local_date"],
            values: &["first_opened", "first_completed"],
            with: &[],
        },
    },
    // Areas for improvement by element; weights in 1/840, which every share of up to eight elements
    // divides.
    TableDefinition {
        name: "area_elements",
        sources: &[
            grows("warehouse.finding", "select t.finding_id from warehouse.finding t where {new}"),
            grows(
                "warehouse.finding_element",
                "select t.finding_id from warehouse.finding_element t where {new}",
            ),
        ],
        by: "finding_id",
        sql: "select f.finding_id, f.event_id, f.organization_id, f.capability_id, x.code, \
            round(k.weight * 840)::int \
            from warehouse.finding f \
            join warehouse.finding_element k using (finding_id) join warehouse.element x using \
            (element_id) where f.kind = 'AREA_FOR_IMPROVEMENT' and {f.finding_id}",
        columns: &[
            ("finding_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("capability_id", Capability),
            ("element", Label),
            ("weight", Id),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "held", "public", "regions"],
        dated: Dated::rows(&["local_date"]),
    },
    // Completeness of reports, for each event with a report or findings: how many of the six parts
    // that depend on no action exist, and the days on which the other parts began and ended. The
    // row's own day is that of the draft or final version, else the end of the event.
    TableDefinition {
        name: "reports",
        sources: &[
            grows(
                "warehouse.after_action_report",
                "select t.event_id from warehouse.after_action_report t where {new}",
            ),
            timings::STAMPED,
            grows(
                "warehouse.objective",
                "select t.event_id from warehouse.objective t where {new}",
            ),
            grows(
                "warehouse.capability_rating",
                "select t.event_id from warehouse.capability_rating t where {new}",
            ),
            grows("warehouse.finding", "select t.event_id from warehouse.finding t where {new}"),
            grows(
                "warehouse.corrective_action",
                "select t.event_id from warehouse.corrective_action t where {new} union all \
                select f.event_id from warehouse.corrective_action t join warehouse.finding f \
                using (finding_id) where {new}",
            ),
            grows(
                "warehouse.corrective_action_element",
                "select a.event_id from warehouse.corrective_action_element t join \
                 warehouse.corrective_action a using (corrective_action_id) where {new}",
            ),
            grows(
                "warehouse.participation",
                "select t.event_id from warehouse.participation t where {new}",
            ),
            refers("warehouse.event"),
            grows("warehouse.exercise", "select t.event_id from warehouse.exercise t where {new}"),
        ],
        by: "event_id",
        sql: concat!(
            "with finding as (select n.event_id, bool_and(n.reference is not null)::int as \
            reference, bool_and(n.analysis is not null)::int as analysis, \
                case when bool_and(n.opened_on is not null) then max(n.opened_on) end as \
                answered_on \
                from (select n.event_id, n.reference, n.analysis, min(c.opened_on) as opened_on \
                from warehouse.finding n \
                    left join warehouse.corrective_action c using (finding_id) where n.kind = \
                    'AREA_FOR_IMPROVEMENT' and {n.event_id} group by n.finding_id) n group by 1), \
            action as (select c.event_id, min(c.opened_on) as planned_on, min(c.opened_on) filter \
            (where c.owner_organization_id <= 0) as ownerless_on, \
                min(c.opened_on) filter (where c.start_on is null) as startless_on, \
                min(c.opened_on) filter (where c.due_original_on is null) as dueless_on, \
                min(c.opened_on) filter (where c.corrective_action_id not in (select \
                k.corrective_action_id from warehouse.corrective_action_element k)) as \
                elementless_on \
                from warehouse.corrective_action c where {c.event_id} group by 1), \
            stamp as (",
            first_stamp!("stamped_on", "'aar_draft', 'aar_final'"),
            "), \
            owing as materialized (select e.event_id, coalesce(least(r.draft_on, r.final_on), \
            s.stamped_on, e.end_local_date, e.local_date) as reported_on, \
                e.narrative, r.has_overview, r.participants_listed from warehouse.event e \
                left join warehouse.after_action_report r using (event_id) left join stamp s using \
                (event_id) where {e.event_id} and e.owes_aar \
                and (r.event_id is not null or e.event_id in (select n.event_id from \
                warehouse.finding n where {n.event_id}))) \
            select o.event_id, o.reported_on, ((coalesce(o.has_overview, x.scope is not null or \
            o.narrative is not null))::int \
                + (o.event_id in (select b.event_id from warehouse.objective b where \
                b.capability_id > 0 and {b.event_id}) \
                    or exists (select from warehouse.capability_rating c where c.event_id = \
                    o.event_id and c.subject is not null))::int \
                + exists (select from warehouse.capability_rating c where c.event_id = \
                o.event_id)::int \
                + coalesce(f.reference, 0) + coalesce(f.analysis, 0) \
                + (coalesce(o.participants_listed, false) or o.event_id in (select p.event_id from \
                warehouse.participation p where {p.event_id}))::int)::int, \
            f.answered_on, a.planned_on, a.ownerless_on, a.elementless_on, a.startless_on, \
            a.dueless_on \
            from owing o left join warehouse.exercise x using (event_id) left join finding f using \
            (event_id) left join action a using (event_id)"
        ),
        columns: &[
            ("event_id", Key),
            ("reported_on", Day),
            ("parts", Id),
            ("answered_on", Day),
            ("planned_on", Day),
            ("ownerless_on", Day),
            ("elementless_on", Day),
            ("startless_on", Day),
            ("dueless_on", Day),
        ],
        only: None,
        event: &[
            "local_date",
            "end_date",
            "hazard_id",
            "event_kind",
            "exercise_type",
            "held",
            "public",
            "regions",
        ],
        dated: Dated {
            rows: &["local_date", "reported_on"],
            values: &[
                "end_date",
                "answered_on",
                "planned_on",
                "ownerless_on",
                "elementless_on",
                "startless_on",
                "dueless_on",
            ],
            with: &[],
        },
    },
];
